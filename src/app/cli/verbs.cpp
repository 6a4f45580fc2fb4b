#include "app/cli/verb.h"

namespace gradus::cli {

const std::vector<VerbInfo>& verbs() {
  static const std::vector<VerbInfo> all = {
      {"train", "Train a model on data", make_train_verb},
      {"lr-find", "Try learning rates in one rising ramp", make_lr_find_verb},
      {"tune", "Search settings by training with each", make_tune_verb},
      {"average", "One model from the weights of several runs", make_average_verb},
      {"eval", "Loss, metrics and confusion of a trained model", make_eval_verb},
      {"report", "One page about a run: curves, mistakes, how to reproduce it", make_report_verb},
      {"predict", "Classes, probabilities or numbers for new examples", make_predict_verb},
      {"run", "The raw output of a model for arrays", make_run_verb},
      {"explain", "One training step written out, and every gradient in it", make_explain_verb},
      {"gradcheck", "Compare a model's gradients with numeric ones", make_gradcheck_verb},
      {"export", "Write a trained model to an ONNX or safetensors file", make_export_verb},
      {"import", "An ONNX file as a model that can be trained", make_import_verb},
      {"data list", "The kinds of data there are", make_data_list_verb},
      {"data info", "What a data set holds", make_data_info_verb},
      {"data make", "Write a data set to a CSV or NPZ file", make_data_make_verb},
      {"data show", "Training images as one picture", make_data_show_verb},
      {"board", "Runs, live and finished, as a page in the browser", make_board_verb},
      {"models", "The named models, and the layers of one", make_models_verb},
      {"bench", "Time training steps of fixed networks", make_bench_verb},
      {"doctor", "What this machine and this build offer", make_doctor_verb},
  };
  return all;
}

}  // namespace gradus::cli
