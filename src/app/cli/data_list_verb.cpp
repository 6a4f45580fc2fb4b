// gradus data list: what --data can name.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cli/verb.h"
#include "base/check.h"
#include "base/text.h"
#include "gradus/data.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

// A spec that can be typed as it stands (but for the path).
std::string example_of(const data::SourceInfo& source) {
  if (source.name == "csv") return "csv:iris.csv,target=species,test=0.2";
  if (source.name == "npz") return "npz:arrays.npz";
  if (source.name == "idx") return "idx:mnist-folder";
  if (source.name == "images") return "images:photos";
  const bool has_samples =
      std::find(source.keys.begin(), source.keys.end(), "n_samples") != source.keys.end();
  return has_samples ? source.name + ":n_samples=200,test=0.2" : source.name;
}

class DataList : public Verb {
 public:
  void define(Arguments& arguments) override {
    view_.define(arguments);
    arguments.example("gradus data list");
  }

  int run(const Terminal&) override {
    if (view_.json) {
      Json list = Json::array();
      for (const data::SourceInfo& source : data::sources()) {
        list.push_back({{"name", source.name},
                        {"form", source.form},
                        {"description", source.description},
                        {"keys", source.keys},
                        {"example", example_of(source)}});
      }
      write_output(Json{{"sources", list}}.dump() + "\n");
      return 0;
    }
    for (const data::SourceInfo& source : data::sources()) {
      std::string keys;
      for (const std::string& key : source.keys) keys += (keys.empty() ? "keys: " : ", ") + key;
      write_output(fmt::format("{}\n", source.form));
      write_output(indented(source.description, 4, 100));
      write_output(indented(keys, 4, 100));
      write_output(fmt::format("    e.g. {}\n", example_of(source)));
    }
    return 0;
  }

 private:
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_data_list_verb() { return std::make_unique<DataList>(); }

}  // namespace gradus::cli
