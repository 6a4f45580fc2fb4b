// gradus doctor: what this machine and this build offer.
#include <nlohmann/json.hpp>

#include "app/cli/verb.h"
#include "base/check.h"
#include "base/machine.h"
#include "base/text.h"
#include "gradus/compile.h"
#include "gradus/data.h"
#include "kernels/backends.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

struct FoundData {
  std::string name;
  bool found = false;
  std::string note;  // how many examples
};

// The sets that are found by name alone.
std::vector<FoundData> find_data() {
  std::vector<FoundData> all;
  for (const char* name : {"fashion-mnist", "mnist"}) {
    try {
      const data::Source source = data::open(data::parse_spec(name));
      all.push_back({name, true, fmt::format("{} examples", grouped(source.train.size()))});
    } catch (const Error&) {
      all.push_back({name, false, "not found"});
    }
  }
  return all;
}

class Doctor : public Verb {
 public:
  void define(Arguments& arguments) override {
    view_.define(arguments);
    arguments.example("gradus doctor");
  }

  int run(const Terminal& terminal) override {
    const std::vector<Backend> libraries = backends();
    const std::vector<FoundData> sets = find_data();
    write_output(view_.json ? json(libraries, sets) : text(libraries, sets, terminal));
    return 0;
  }

 private:
  static std::string json(const std::vector<Backend>& libraries, const std::vector<FoundData>& sets) {
    const Machine machine = this_machine();
    Json kernels = Json::array(), found = Json::object();
    for (const Backend& library : libraries) {
      kernels.push_back(
          {{"name", library.name}, {"version", library.version}, {"instructions", library.instructions}});
    }
    for (const FoundData& set : sets) found[set.name] = set.found;
    return Json{{"version", version()},
                {"compiler", compiler()},
                {"processor", machine.processor},
                {"threads", machine.cores},
                {"memory_bytes", machine.memory_bytes},
                {"kernels", kernels},
                {"bf16", has_fast_bf16()},
                {"data", found}}
               .dump() +
           "\n";
  }

  static std::string text(const std::vector<Backend>& libraries, const std::vector<FoundData>& sets,
                          const Terminal& terminal) {
    const auto line = [](std::string_view name, std::string_view value) {
      return fmt::format("{:<13}  {}\n", name, value);
    };
    const Machine machine = this_machine();
    std::string out = line("gradus", fmt::format("{}, built by {}", version(), compiler()));
    out += line("processor", machine.processor);
    out += line("threads", std::to_string(machine.cores));
    out += line("memory", bytes_text(static_cast<double>(machine.memory_bytes)));
    for (const Backend& library : libraries) {
      out += line(library.name, fmt::format("{}, uses {}", library.version, library.instructions));
    }
    if (libraries.size() == 1) out += line("oneDNN", "not in this build: large products are slower");
    out += line("bf16", has_fast_bf16() ? "by instructions of the processor"
                                        : "no instructions: --precision bf16 uses f32");
    const char* locale = terminal.unicode ? "UTF-8" : "ASCII";
    out += line("terminal",
                fmt::format("{}{}", locale, terminal.redraws ? ", progress bar" : ", no progress bar"));
    for (const FoundData& set : sets) out += line(set.name, set.note);
    return out;
  }

  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_doctor_verb() { return std::make_unique<Doctor>(); }

}  // namespace gradus::cli
