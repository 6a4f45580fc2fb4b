#include "app/manual/man.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/machine.h"

namespace gradus::manual {
namespace {

// Text of roff: no line of it is a request, and a minus stays one.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (c == '\'')
      out += "\\(aq";
    else if (c == '`')
      out += "\\(ga";
    else if (c == '^')
      out += "\\(ha";
    else if (c == '~')
      out += "\\(ti";
    else
      out += c;
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

std::string head(const std::string& name, std::string_view summary) {
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return fmt::format(".TH {} 1 \"\" \"gradus {}\" \"Gradus\"\n.SH NAME\n{} \\- {}\n", roff(title), version(),
                     roff(name), roff(summary));
}

// "-q, --quiet", "--out DIR", "--profile[=FILE]".
std::string tag(const cli::ArgumentInfo& argument) {
  std::string text;
  for (const std::string& name : argument.names) text += (text.empty() ? "" : ", ") + bold(name);
  if (!takes_value(argument)) return text;
  if (!argument.names.empty() && argument.placeholder.front() != '[') text += ' ';
  return text + italic(argument.placeholder);
}

std::string described(const cli::ArgumentInfo& argument) {
  const std::string standard = argument.standard.empty() ? "" : fmt::format(" ({})", argument.standard);
  return fmt::format(".TP\n{}\n{}\n", tag(argument), roff(argument.doc + standard));
}

// `gradus train [RUN.toml] [OPTIONS]`, as --help has it.
std::string synopsis(const VerbPage& page) {
  std::string text = ".SH SYNOPSIS\n" + bold("gradus " + page.name) + " [" + italic("OPTIONS") + "]";
  for (const cli::ArgumentInfo& argument : page.arguments) {
    if (argument.names.empty()) text += " [" + italic(argument.placeholder) + "]";
  }
  return text + "\n";
}

std::string examples(const std::vector<std::string>& lines) {
  std::string text = ".SH EXAMPLES\n.nf\n";
  for (const std::string& line : lines) text += roff(line) + "\n";
  return text + ".fi\n";
}

constexpr const char* kExitStatus = R"(.SH EXIT STATUS
.TP
0
All is well.
.TP
1
.B gradus gradcheck
found a gradient that differs.
.TP
2
Usage: an unknown flag, optimizer, loss or named model, or a value that is out of range.
.TP
3
Data unreadable or wrong.
.TP
4
A run folder, model or weights missing or wrong.
.TP
5
Training diverged.
.TP
6
A result cannot be written.
.TP
7
A process of a distributed run was lost.
.TP
130
Interrupted; the run was saved.
)";

}  // namespace

std::string man_name(const VerbPage& page) {
  std::string name = "gradus-" + page.name;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string man_page(const VerbPage& page) {
  std::string text = head(man_name(page), page.summary) + synopsis(page);
  std::string positionals, group, options;
  for (const cli::ArgumentInfo& argument : page.arguments) {
    if (argument.names.empty()) {
      positionals += described(argument);
      continue;
    }
    if (argument.group != group) options += fmt::format(".SS {}\n", roff(argument.group));
    group = argument.group;
    options += described(argument);
  }
  if (!positionals.empty()) text += ".SH ARGUMENTS\n" + positionals;
  text += ".SH OPTIONS\n" + options;
  if (!page.examples.empty()) text += examples(page.examples);
  return text + ".SH SEE ALSO\n" + bold("gradus") + "(1)\n";
}

std::string man_overview(const std::vector<VerbPage>& pages) {
  std::string text = head("gradus", "trains neural networks on CPUs and shows every gradient");
  text += ".SH SYNOPSIS\n" + bold("gradus") + " " + italic("VERB") + " [" + italic("OPTIONS") + "]\n";
  text += ".SH DESCRIPTION\nEach verb has a page of its own: that of ";
  text += bold("gradus train") + " is " + bold("gradus-train") + "(1).\n.SH VERBS\n";
  std::string also;
  for (const VerbPage& page : pages) {
    text += fmt::format(".TP\n{}\n{}\n", bold(page.name), roff(page.summary));
    also += (also.empty() ? "" : ",\n") + bold(man_name(page)) + "(1)";
  }
  text += ".SH OPTIONS\n.TP\n" + bold("-h") + ", " + bold("--help") +
          "\nShow a list of the verbs, or after a verb its flags.\n";
  text += ".TP\n" + bold("--version") + "\nShow the version.\n";
  text += std::string(kExitStatus) + ".SH ENVIRONMENT\n.TP\n" + bold("NO_COLOR") +
          "\nIf it is set, messages have no colours.\n";
  return text + ".SH SEE ALSO\n" + also + "\n";
}

}  // namespace gradus::manual
