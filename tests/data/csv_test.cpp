#include <gtest/gtest.h>

#include "data/files.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

class Csv : public ::testing::Test {
 protected:
  CsvData read(const std::string& content, const CsvOptions& options = {}) {
    write_file(folder_ / "a.csv", content);
    return read_csv(folder_ / "a.csv", options);
  }
  Dataset apply(const std::string& content, const CsvSchema& schema) {
    write_file(folder_ / "b.csv", content);
    return read_csv(folder_ / "b.csv", schema);
  }

  TemporaryFolder folder_;
};

TEST_F(Csv, ReadsNumbersAndTakesTheLastColumnAsTarget) {
  const CsvData csv = read("a,b,label\n1,2.5,0\n-3,4e1,1\n+5,.5,1\n");
  EXPECT_EQ(csv.data.x.type(), (Type{DType::f64, Shape{3, 2}}));
  EXPECT_EQ(list(csv.data.x), (Numbers{1, 2.5, -3, 40, 5, 0.5}));
  EXPECT_EQ(csv.data.kind, Kind::classes);
  EXPECT_EQ(list(csv.data.y), (Numbers{0, 1, 1}));
  EXPECT_EQ(csv.data.feature_names, (Names{"a", "b"}));
  EXPECT_EQ(csv.data.target_names, (Names{"label"}));
  EXPECT_TRUE(csv.data.labels.as_given());
  EXPECT_TRUE(csv.schema.header);
}

TEST_F(Csv, FindsDelimiterAndHeader) {
  for (const std::string d : {",", ";", "\t", "|"}) {
    const CsvData csv = read("a" + d + "b" + d + "c\n1" + d + "2" + d + "0\n3" + d + "4" + d + "1\n");
    EXPECT_EQ(list(csv.data.x), (Numbers{1, 2, 3, 4})) << d;
    EXPECT_EQ(csv.schema.file_columns, (Names{"a", "b", "c"})) << d;
  }
  const CsvData bare = read("5.1,3.5,setosa\n4.9,3.0,virginica\n");
  EXPECT_FALSE(bare.schema.header);
  EXPECT_EQ(bare.schema.file_columns, (Names{"column_0", "column_1", "column_2"}));
  EXPECT_EQ(list(bare.data.y), (Numbers{0, 1}));
  EXPECT_TRUE(read("0,1,y\n5,6,0\n7,8,1\n").schema.header) << "numbers may name columns beside a text";
  EXPECT_TRUE(read("colour,kind\nred,a\nblue,b\n").schema.header);
  EXPECT_EQ(read("1,2,3\n1,5,0\n2,6,1\n", {.header = true}).data.size(), 2);
  EXPECT_EQ(read("colour,kind\nred,a\nblue,b\n", {.header = false}).data.size(), 3);
}

TEST_F(Csv, UnderstandsQuotesMarksAndLineEnds) {
  const CsvData csv = read(
      "\xef\xbb\xbf\"na\"\"me\",\"note, long\",y\r\n\"1\",\"two\r\nlines, \"\"quoted\"\"\",0\r\n\r\n 2 , "
      "plain ,1");
  EXPECT_EQ(csv.schema.file_columns, (Names{"na\"me", "note, long", "y"}));
  ASSERT_EQ(csv.schema.columns.size(), 2u);
  EXPECT_EQ(csv.schema.columns[1].categories, (Names{"plain", "two\r\nlines, \"quoted\""}));
  EXPECT_EQ(list(csv.data.x), (Numbers{1, 0, 1, 2, 1, 0}));
  EXPECT_EQ(list(csv.data.y), (Numbers{0, 1}));
  EXPECT_EQ(list(read("a,y\r1,0\r2,1\r").data.x), (Numbers{1, 2})) << "lone carriage returns end lines";
}

TEST_F(Csv, ReadsGzip) {
  write_file(folder_ / "a.csv.gz", gzip("a,y\n1,0\n2,1\n"));
  EXPECT_EQ(list(read_csv(folder_ / "a.csv.gz").data.x), (Numbers{1, 2}));
}

TEST_F(Csv, ChoosesColumns) {
  const std::string content = "id,a,b,w,y\n7,1,2,0.5,0\n8,3,4,1.5,1\n";
  const CsvData kept = read(content, {.columns = {"b", "a"}, .weight = "w"});
  EXPECT_EQ(kept.data.feature_names, (Names{"a", "b"})) << "in the order of the file";
  EXPECT_EQ(list(kept.data.weight), (Numbers{0.5, 1.5}));
  EXPECT_EQ(read(content, {.drop = {"id", "w"}}).data.feature_names, (Names{"a", "b"}));
  const CsvData by_index = read(content, {.targets = {"1"}, .drop = {"0", "3"}});
  EXPECT_EQ(by_index.data.target_names, (Names{"a"}));
  EXPECT_EQ(by_index.data.feature_names, (Names{"b", "y"}));
}

TEST_F(Csv, KnowsKindsOfTargets) {
  const auto kind = [&](const std::string& values, Targets targets = Targets::automatic) {
    return read("a,y\n1," + values.substr(0, values.find(' ')) + "\n2," +
                    values.substr(values.find(' ') + 1) + "\n",
                {.kind = targets})
        .data.kind;
  };
  EXPECT_EQ(kind("3 4"), Kind::classes);
  EXPECT_EQ(kind("3 4.0"), Kind::real);
  EXPECT_EQ(kind("3 1e2"), Kind::real);
  EXPECT_EQ(kind("3 x"), Kind::classes);
  EXPECT_EQ(kind("3 4", Targets::real), Kind::real);

  EXPECT_EQ(read("a,y\n1,3\n2,-1\n").data.class_names, (Names{"-1", "3"}));
  EXPECT_EQ(read("a,y\n1,10\n2,9\n").data.class_names, (Names{"9", "10"}));
  EXPECT_EQ(read("a,y\n1,dog\n2,Cat\n").data.class_names, (Names{"Cat", "dog"}));
}

TEST_F(Csv, TakesSeveralTargets) {
  const CsvData labels = read("a,p,q\n1,0,1\n2,1,1\n", {.targets = {"p", "q"}});
  EXPECT_EQ(labels.data.kind, Kind::multi_label);
  EXPECT_EQ(labels.data.y.shape(), (Shape{2, 2}));
  EXPECT_EQ(labels.data.class_names, (Names{"p", "q"}));
  const CsvData reals = read("a,p,q\n1,0,1\n2,1,7\n", {.targets = {"q", "p"}});
  EXPECT_EQ(reals.data.kind, Kind::real);
  EXPECT_EQ(list(reals.data.y), (Numbers{1, 0, 7, 1})) << "in the order asked for";
}

TEST_F(Csv, EncodesTextsOneHot) {
  const CsvData csv = read("colour,y\nred,0\nblue,1\nred,1\n");
  EXPECT_EQ(csv.data.feature_names, (Names{"colour=blue", "colour=red"}));
  EXPECT_EQ(list(csv.data.x), (Numbers{0, 1, 1, 0, 0, 1}));
}

TEST_F(Csv, FillsOrDropsMissingValues) {
  const std::string content = "n,c,y\n1,red,0\nNA,red,1\n4,?,0\n10,blue,1\n";
  const CsvData mean = read(content, {.missing = Missing::mean});
  EXPECT_EQ(mean.data.size(), 4);
  EXPECT_EQ(mean.data.x.at(3), 5.0);
  EXPECT_EQ(mean.schema.columns[0].fill, 5.0);
  EXPECT_EQ(mean.schema.columns[1].fill_text, "red");
  EXPECT_EQ(read(content, {.missing = Missing::median}).data.x.at(3), 4.0);
  EXPECT_EQ(read("n,y\n1,0\n?,0\n2,1\n", {.missing = Missing::median}).data.x.at(1), 1.5);
  const CsvData drop = read(content, {.missing = Missing::drop});
  EXPECT_EQ(list(drop.data.x), (Numbers{1, 0, 1, 10, 1, 0}));
  for (const char* sign : {"", "na", "NaN", "nan", "null", "NULL"}) {
    EXPECT_EQ(read(std::string("n,y\n1,0\n") + sign + ",1\n3,1\n", {.missing = Missing::mean}).data.x.at(1),
              2.0)
        << sign;
  }
}

TEST_F(Csv, AppliesASchemaByName) {
  const CsvData csv =
      read("n,colour,w,y\n1,red,1,yes\n3,blue,2,no\n", {.weight = "w", .missing = Missing::mean});
  const Dataset other = apply("y,extra,colour,n,w\nyes,q,blue,7,4\nyes,q,?,,5\n", csv.schema);
  EXPECT_EQ(list(other.x), (Numbers{7, 1, 0, 2, 1, 0}));
  EXPECT_EQ(list(other.y), (Numbers{1, 1})) << "labels keep the numbers of the fitted file";
  EXPECT_EQ(other.classes, 2);
  EXPECT_EQ(list(other.weight), (Numbers{4, 5}));
  const Dataset to_predict = apply("colour,n\nred,1\n", csv.schema);
  EXPECT_FALSE(to_predict.y.defined());
  EXPECT_EQ(list(to_predict.x), (Numbers{1, 0, 1}));
}

TEST_F(Csv, AppliesASchemaByPositionWithoutHeader) {
  const CsvData csv = read("1,0,5.5\n2,1,6.5\n", {.targets = {"1"}});
  EXPECT_EQ(list(apply("3,1,7.5\n", csv.schema).x), (Numbers{3, 7.5}));
  EXPECT_EQ(list(apply("3,1,7.5\n", csv.schema).y), (Numbers{1}));
  const Dataset to_predict = apply("3,7.5\n", csv.schema);
  EXPECT_EQ(list(to_predict.x), (Numbers{3, 7.5}));
  EXPECT_FALSE(to_predict.y.defined());
}

TEST_F(Csv, AppliesASchemaWhoseNamesAreNumbers) {
  const CsvData csv = read("0,1,y\n5,6,0\n7,8,1\n");
  EXPECT_EQ(list(apply("1,0\n9,10\n", csv.schema).x), (Numbers{10, 9}));
}

TEST_F(Csv, KeepsLabelsAsGivenWhenApplied) {
  const CsvData csv = read("a,y\n1,0\n2,1\n3,2\n");
  const Dataset other = apply("a,y\n1,2\n2,1\n", csv.schema);
  EXPECT_EQ(list(other.y), (Numbers{2, 1}));
  EXPECT_EQ(other.classes, 3);
  EXPECT_EQ(apply("a,y\n1,0\n", csv.schema).classes, 3) << "also those this file does not show";
  EXPECT_EQ(apply("a,y\n1,7\n", csv.schema).classes, 8) << "the model judges whether it has as many";
}

}  // namespace
}  // namespace gradus::data
