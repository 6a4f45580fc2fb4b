#include "app/report/html.h"

#include <fmt/format.h>

#include "app/figures/base64.h"
#include "app/figures/markup.h"

namespace gradus::report {

using figures::escaped;

std::string_view page_style() {
  return ":root{color-scheme:light dark;--ink:#222;--soft:#5a5f66;--line:#dcdfe3;--page:#f6f7f8;--card:#fff;"
         "--bad:#b3261e}"
         "@media "
         "(prefers-color-scheme:dark){:root{--ink:#e4e6e9;--soft:#a0a6ae;--line:#34373d;--page:#131518;"
         "--card:#1b1d21;--bad:#ff8a80}}"
         "*{box-sizing:border-box}"
         "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);margin:0 auto;"
         "max-width:1200px;padding:1.2rem}"
         "h1{font-size:1.5rem;margin:.2em 0;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:0 0 .5em}"
         "h3{font-size:1rem;margin:1em 0 .3em}"
         "p{margin:.4em 0}.soft{color:var(--soft)}.bad{color:var(--bad)}"
         "section{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem;"
         "margin:1rem 0}"
         ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:1rem;"
         "align-items:start}"
         "figure{margin:0}svg.figure{width:100%;height:auto;display:block;max-width:760px}"
         ".scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
         "th,td{padding:.22em .9em .22em 0;text-align:right;border-top:1px solid var(--line);"
         "vertical-align:top}"
         "th{border-top:0;font-weight:600}th,td{white-space:nowrap}"
         ".t{text-align:left}td.t{white-space:normal;overflow-wrap:break-word;max-width:30em}"
         "tr.total td{border-top:2px solid var(--line);font-weight:600}"
         ".pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(120px,1fr));gap:.9rem}"
         ".pictures img{width:100%;max-width:160px;image-rendering:pixelated;border:1px solid var(--line);"
         "display:block}.pictures figcaption{font-size:.82rem;line-height:1.35;overflow-wrap:anywhere}"
         "code,pre{font:13px/1.45 ui-monospace,monospace}"
         "pre{background:var(--page);border:1px solid var(--line);border-radius:6px;padding:.7em;"
         "overflow-x:auto;margin:.5em 0}"
         "summary{cursor:pointer}ul{margin:.4em 0;padding-left:1.3em}"
         "nav a{margin-right:1em;color:inherit}"
         "@media (max-width:520px){body{padding:.6rem}section{padding:.7rem}}"
         "@media print{body{background:#fff;max-width:none}section{break-inside:avoid;border:0;padding:.3rem "
         "0}"
         "nav{display:none}}";
}

std::string paragraph(std::string_view text) { return fmt::format("<p>{}</p>\n", escaped(text)); }

std::string bullets(const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string html = "<ul>\n";
  for (const std::string& line : lines) html += fmt::format("<li>{}</li>\n", escaped(line));
  return html + "</ul>\n";
}

std::string section(std::string_view id, std::string_view heading, std::string_view html) {
  if (html.empty()) return "";
  return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", escaped(id), escaped(heading), html);
}

HtmlTable::HtmlTable(const std::vector<std::string>& header, std::size_t text_columns)
    : text_columns_(text_columns) {
  if (!header.empty()) rows_ = fmt::format("<tr>{}</tr>\n", cells(header, "th"));
}

void HtmlTable::row(const std::vector<std::string>& texts) {
  rows_ += fmt::format("<tr>{}</tr>\n", cells(texts, "td"));
}

void HtmlTable::total(const std::vector<std::string>& texts) {
  rows_ += fmt::format("<tr class=\"total\">{}</tr>\n", cells(texts, "td"));
}

std::string HtmlTable::str() const {
  return fmt::format("<div class=\"scroll\"><table>\n{}</table></div>\n", rows_);
}

std::string HtmlTable::cells(const std::vector<std::string>& texts, const char* tag) const {
  std::string html;
  for (std::size_t i = 0; i < texts.size(); ++i)
    html +=
        fmt::format("<{}{}>{}</{}>", tag, i < text_columns_ ? " class=\"t\"" : "", escaped(texts[i]), tag);
  return html;
}

std::string picture(const std::vector<std::byte>& png, std::string_view alt) {
  return fmt::format("<img src=\"data:image/png;base64,{}\" alt=\"{}\">", figures::base64(png), escaped(alt));
}

}  // namespace gradus::report
