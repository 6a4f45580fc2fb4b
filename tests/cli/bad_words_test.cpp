// Command lines that make no sense: exit code 2.
#include "cli/refusal.h"

namespace gradus {
namespace {

const std::vector<Refusal> kRefusals = {
    {"no_verb", {}, {}, 2, {"a verb was needed", "See 'gradus --help'"}},
    {"unknown_verb", {}, {"trian"}, 2, {"no verb 'trian'", "Did you mean 'train'?", "See 'gradus --help'"}},
    {"flag_before_verb", {}, {"--jsn"}, 2, {"a verb was needed", "'--jsn'"}},
    {"board_bad_port", {}, {"board", "--port", "99999"}, 2, {"See 'gradus board --help'"}},
    {"data_alone", {}, {"data"}, 2, {"data: a verb was needed", "list, info, make"}},
    {"unknown_data_verb", {}, {"data", "lst"}, 2, {"Did you mean 'list'?", "See 'gradus data --help'"}},
    {"unknown_flag",
     {},
     {"train", "--data", "symmetry", "--epoch", "3"},
     2,
     {"no flag '--epoch'", "Did you mean '--epochs'?", "See 'gradus train --help'"}},
    {"unknown_flag_with_value", {}, {"train", "--optimiser=sgd"}, 2, {"Did you mean '--optimizer'?"}},
    {"flag_without_value", {}, {"train", "--data"}, 2, {"--data"}},
    {"flag_for_a_value", {}, {"train", "--out", "--resume"}, 2, {"--out needs a value"}},
    {"flag_twice", {}, {"train", "--epochs", "1", "--epochs", "2"}, 2, {"--epochs"}},
    {"word_left_over", {}, {"eval", "run", "again"}, 2, {"'again' was not expected"}},
    {"eval_without_dir", {}, {"eval"}, 2, {"DIR was needed"}},
    {"eval_bad_split", {}, {"eval", "run", "--split", "tset"}, 2, {"tset", "test"}},
    {"predict_without_input", {}, {"predict", "run"}, 2, {"--input FILE was needed"}},
    {"predict_bad_format",
     {},
     {"predict", "run", "--input", "a.csv", "--format", "xml"},
     2,
     {"--format", "'xml'"}},
    {"predict_bad_ending",
     {},
     {"predict", "run", "--input", "a.csv", "--output", "b.xlsx"},
     2,
     {"--output", "'b.xlsx'"}},
    {"run_without_input", {}, {"run", "run", "--output-dir", "d"}, 2, {"--input FILE.npy was needed"}},
    {"run_without_output", {}, {"run", "run", "--input", "a.npy"}, 2, {"--output-dir D was needed"}},
    {"run_two_inputs",
     {},
     {"run", "run", "--input", "a.npy", "--input", "b.npy", "--output-dir", "d"},
     2,
     {"--input", "one input, 2 files"}},
    {"run_onnx",
     {},
     {"run", "m.onnx", "--input", "a.npy", "--output-dir", "d"},
#ifdef GRADUS_ONNX
     4,
     {"m.onnx", "cannot be read"}},
#else
     2,
     {"'m.onnx'", "built without ONNX"}},
#endif
    {"export_without_to", {}, {"export", "run"}, 2, {"--to FILE was needed"}},
    {"import_without_out", {}, {"import", "m.onnx"}, 2, {"--out DIR was needed"}},
    {"export_bad_ending", {}, {"export", "run", "--to", "m.bin"}, 2, {"--to", "'m.bin'"}},
    {"threads_text", {}, {"eval", "run", "--threads", "two"}, 2, {"--threads", "'two'"}},
    {"threads_negative", {}, {"eval", "run", "--threads", "-1"}, 2, {"--threads", "'-1'"}},
    {"make_without_out", {}, {"data", "make", "make_moons"}, 2, {"--out FILE was needed"}},
    {"make_bad_ending", {}, {"data", "make", "make_moons", "--out", "a.txt"}, 2, {"--out", "'a.txt'"}},
    {"make_csv_with_test",
     {},
     {"data", "make", "make_moons:test=0.2", "--out", "a.csv"},
     2,
     {"--out", "test part", ".npz"}},
    {"make_unknown_generator",
     {},
     {"data", "make", "make_moon", "--out", "a.csv"},
     2,
     {"'make_moon'", "Did you mean 'make_moons'?"}},
    {"make_unknown_key",
     {},
     {"data", "make", "make_moons:nois=1", "--out", "a.csv"},
     2,
     {"'nois'", "Did you mean 'noise'?"}},
    {"info_without_spec", {}, {"data", "info"}, 2, {"SPEC was needed"}},
    {"info_csv_without_kind", {}, {"data", "info", "a.csv"}, 2, {"Did you mean 'csv:a.csv'?"}},
    {"unknown_model", {}, {"models", "mpl"}, 2, {"'mpl'", "Did you mean 'mlp'?"}},
    {"model_bad_shape", {}, {"models", "mlp", "--input", "28,0"}, 2, {"--input", "'0'"}},
    {"model_bad_outputs", {}, {"models", "mlp", "--outputs", "-2"}, 2, {"--outputs", "'-2'"}},
    {"gradcheck_bad_tolerance",
     {},
     {"gradcheck", "--data", "symmetry", "--tolerance", "0"},
     2,
     {"--tolerance", "'0'"}},
};

class BadWords : public RefusalTest {};
TEST_P(BadWords, AreRefused) { check(); }
INSTANTIATE_TEST_SUITE_P(Cli, BadWords, ::testing::ValuesIn(kRefusals), refusal_name);

}  // namespace
}  // namespace gradus
