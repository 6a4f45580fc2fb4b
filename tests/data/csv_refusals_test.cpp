#include <gtest/gtest.h>

#include "data/files.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

using namespace std::string_literals;

class CsvRefusals : public ::testing::Test {
 protected:
  // Reading `content` fails with the file's path before `message`.
  void refused(const std::string& content, const std::string& message, const CsvOptions& options = {}) {
    write_file(folder_ / "a.csv", content);
    const std::string file = (folder_ / "a.csv").string();
    expect_error([&] { read_csv(file, options); }, Fault::data, file + message);
  }
  void refused_by_schema(const std::string& content, const std::string& message, const CsvSchema& schema) {
    write_file(folder_ / "b.csv", content);
    const std::string file = (folder_ / "b.csv").string();
    expect_error([&] { read_csv(file, schema); }, Fault::data, file + message);
  }
  CsvSchema fit(const std::string& content, const CsvOptions& options = {}) {
    write_file(folder_ / "fitted.csv", content);
    return read_csv(folder_ / "fitted.csv", options).schema;
  }

  TemporaryFolder folder_;
};

TEST_F(CsvRefusals, OfTexts) {
  refused("", ": a CSV file with at least one row was needed, it is empty.");
  refused("\n\r\n\n", ": a CSV file with at least one row was needed, it is empty.");
  refused("a,y\n", ": at least one row of data was needed, there is only a header.");
  refused("a,b,y\n1,2,0\n\n1,2\n",
          " line 4: 3 fields were needed as in line 1, 2 were given. Quote fields that contain ','.");
  refused("a\ty\n1\t2\t0\n",
          " line 2: 2 fields were needed as in line 1, 3 were given. Quote fields that contain '\\t'.");
  refused("a,y\n\"x\ny\",0\n1,2,3\n",
          " line 4: 2 fields were needed as in line 1, 3 were given. Quote fields that contain ','.");
  refused("a,y\n1,\"0\n", " line 2: a quote is opened and never closed.");
  refused("a,y\n\"1\"2,0\n",
          " line 2: a delimiter or the line's end was needed after a closing quote, '2' was given. Double "
          "the quotes "
          "inside a quoted field.");
  refused("a,y\n1,\0\n"s, " byte 6: text was needed, a byte 0 was given. Save the file as UTF-8.");
  refused("a,b,a\n1,2,0\n", " line 1: column names must differ, columns 0 and 2 are both 'a'.");
  const std::string packed = gzip("a,y\n1,0\n");
  refused(packed.substr(0, packed.size() - 4), ": the gzip data ends early (truncated file?).");
}

TEST_F(CsvRefusals, OfColumns) {
  const std::string content = "age,height,label\n1,2,0\n3,4,1\n";
  refused(content,
          ": there is no column 'lable'; the columns are 'age', 'height', 'label'. Did you mean 'label'?",
          {.targets = {"lable"}});
  refused(content, ": there is no column '3'; the columns are 'age', 'height', 'label'.", {.targets = {"3"}});
  refused(content,
          ": there is no column 'agee'; the columns are 'age', 'height', 'label'. Did you mean 'age'?",
          {.drop = {"agee"}});
  refused(content, ": column 'age' is named twice.", {.columns = {"age", "0"}});
  refused(content, ": column 'label' is the target; it cannot be the weight or be dropped.",
          {.drop = {"label"}});
  refused(content, ": column 'label' is the target; it cannot be the weight or be dropped.",
          {.weight = "label"});
  refused(content, ": at least one feature column was needed, beside the target 'label' none is left.",
          {.drop = {"age", "height"}});
  refused("y\n0\n1\n", ": at least one feature column was needed, beside the target 'y' none is left.");
}

TEST_F(CsvRefusals, OfValues) {
  refused("a,y\n1,0\ninf,1\n", " line 3: column 'a' needs a finite number, 'inf' was given.");
  refused("a,y\n1e999,0\n2,1\n", " line 2: column 'a' needs a finite number, '1e999' was given.");
  refused("a,y\n1,0.5\n2,-inf\n", " line 3: column 'y' needs a finite number, '-inf' was given.");
  refused("a,y\n1,2\n2,cat\n", " line 3: column 'y' needs a number, 'cat' was given.",
          {.kind = Targets::real});
  refused("a,p,q\n1,0,1\n2,1,x\n", " line 3: column 'q' needs a number, 'x' was given.",
          {.targets = {"p", "q"}});
  refused("a,p,q\n1,0,1\n2,1,2\n", " line 3: column 'q' needs a label 0 or 1, '2' was given.",
          {.targets = {"p", "q"}, .kind = Targets::multi_label});
  refused("a,w,y\n1,1,0\n2,-1,1\n", " line 3: column 'w' needs a weight of 0 or more, '-1' was given.",
          {.weight = "w"});
  refused("a,w,y\n1,heavy,0\n2,1,1\n", " line 2: column 'w' needs a number, 'heavy' was given.",
          {.weight = "w"});
  refused("a,w,y\n1,0,0\n2,0,1\n", ": at least one sample weight must be above 0, all are 0.",
          {.weight = "w"});
  std::string names = "name,y\n";
  for (int i = 0; i < 1001; ++i) names += std::to_string(i) + "n,1\n";
  refused(
      names,
      ": column 'name' has 1001 different texts, at most 1000 can be encoded. Leave it out with drop=name.");
}

TEST_F(CsvRefusals, OfTextsAmongNumbers) {
  std::string mixed = "a,y\n", targets = "a,y\n", few = "a,y\n", quoted = "a,y\n";
  for (int i = 0; i < 18; ++i) {
    mixed += std::to_string(i) + ",0\n";
    targets += "1," + std::to_string(i % 2) + ".5\n";
    quoted += '"' + std::to_string(i) + "\",0\n";
    if (i < 8) few += std::to_string(i) + ",0\n";
  }
  refused(mixed + "oops,1\n,1\nwell,1\n",
          ":20: column 'a': a number was needed, 'oops' was given. No numbers: 2 of 20 values, in lines 20, "
          "22. Repair them, or write NA there and give missing=mean, or leave the column out with drop=a; to "
          "take the column as text, quote all its values.",
          {.missing = Missing::mean});
  refused(targets + "1,oops\n",
          ":20: column 'y': a number was needed, 'oops' was given. No numbers: 1 of 19 values, in line 20. "
          "Repair them, or write NA there and give missing=drop; to take the column as text, quote all its "
          "values.");
  EXPECT_EQ(fit(quoted + "\"oops\",1\n").columns.at(0).categories.size(), 19u);
  EXPECT_EQ(fit(few + "oops,1\n").columns.at(0).categories.size(), 9u);
  EXPECT_EQ(fit(mixed + "x,1\nx,1\nx,1\n").columns.at(0).categories.size(), 19u);  // 18 of 21: not most
}

TEST_F(CsvRefusals, OfDecimalCommas) {
  refused("a;y\n1;0\n-2,5;1\n",
          ":3: column 'a': a number was needed, '-2,5' was given. Write numbers with a decimal point, as in "
          "-2.5.");
  refused("a;y\n1;0,25\n2;1,5\n",
          ":2: column 'y': a number was needed, '0,25' was given. Write numbers with a decimal point, as in "
          "0.25.");
  EXPECT_TRUE(fit("a,y\n\"1,5\",0\n\"2,5\",1\n").columns.at(0).category);
}

TEST_F(CsvRefusals, OfLabelsBeyond64Bits) {
  const std::string content = "a,y\n1,0\n2,9999999999999999999999\n";
  refused(
      content,
      " line 3: column 'y' needs integer labels within 64 bits, '9999999999999999999999' was given. Put a "
      "letter before all labels to take them as names, or give a regression loss.");
  EXPECT_EQ(fit(content, {.kind = Targets::real}).kind, Kind::real);
  EXPECT_EQ(fit("a,y\n1,0.5\n2,9999999999999999999999\n").kind, Kind::real);
  EXPECT_EQ(fit("y,a\n9999999999999999999999,0\n1,1\n").columns.at(0).category, false);
}

TEST_F(CsvRefusals, OfMissingValues) {
  const std::string advice =
      " Fill features with missing=mean or missing=median, or leave the lines out with missing=drop.";
  refused("a,b,y\n1,2,0\n1,,1\n?,2,1\n",
          ": values are missing in lines 3, 4 (the first in column 'b')." + advice);
  refused("a,y\n1,0\n2,NA\n", ": values are missing in line 3 (the first in column 'y')." + advice,
          {.missing = Missing::mean});
  std::string many = "a,y\n";
  for (int i = 0; i < 12; ++i) many += ",0\n";
  refused(
      many,
      ": values are missing in lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ... (12 in all) (the first in column "
      "'a')." +
          advice);
  refused("a,y\n,0\n,1\n", ": all 2 rows miss a value.", {.missing = Missing::drop});
  refused("a,b,y\n,1,0\n,2,1\n", ": column 'a' has no values. Leave it out with drop=a.",
          {.missing = Missing::mean});
}

TEST_F(CsvRefusals, OfFilesThatDoNotFitTheSchema) {
  const CsvSchema schema = fit("age,colour,y\n1,red,yes\n2,blue,no\n");
  refused_by_schema("aeg,colour\n1,red\n",
                    ": column 'age' was needed; the columns are 'aeg', 'colour'. Did you mean 'aeg'?",
                    schema);
  refused_by_schema("age,colour\n1,red\n2,green\n",
                    " line 3: column 'colour' must be one of 'blue', 'red', 'green' was given.", schema);
  refused_by_schema("age,colour\nold,red\n", " line 2: column 'age' needs a number, 'old' was given.",
                    schema);
  refused_by_schema("age,colour,y\n1,red,maybe\n",
                    " column 'y': labels must be among 'no', 'yes', line 2 has 'maybe'.", schema);
  refused_by_schema("1\n2\n", ": 3 columns were needed, or 2 without the target, 1 were given.", schema);
  const CsvSchema dropping = fit("age,y\n1,0\n,1\n3,1\n", {.missing = Missing::drop});
  refused_by_schema(
      "age\n1\n?\n",
      ": values are missing in line 3 (the first in column 'age'). Write values there, or leave the lines "
      "out; a model trained with missing=mean or missing=median fills features in.",
      dropping);
  refused_by_schema("age,y\n1,-1\n", " column 'y': labels must be class indices of 0 or more, line 2 has -1.",
                    dropping);
  refused_by_schema("age,y\n1,cat\n",
                    " column 'y': labels must be class indices of 0 or more, line 2 has 'cat'.", dropping);
}

}  // namespace
}  // namespace gradus::data
