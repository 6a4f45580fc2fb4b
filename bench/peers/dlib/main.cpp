// Training steps of the workloads in dlib: forward, backward and update on one batch. The batch is put into a
// tensor once, and the solvers are called without dnn_trainer, whose own thread would only add to a step.
#include <dlib/dnn.h>
#include <dlib/revision.h>

#include "measure.h"

namespace {

using Input = dlib::input<dlib::matrix<float>>;

template <class T>
using Conv32 = dlib::relu<dlib::con<32, 3, 3, 1, 1, T>>;
template <class T>
using Conv64 = dlib::relu<dlib::con<64, 3, 3, 1, 1, T>>;
template <class T>
using Pool = dlib::max_pool<2, 2, 2, 2, T>;

template <unsigned long classes, class T>
using Classifier = dlib::loss_multiclass_log<dlib::fc<classes, T>>;

using Seed = Classifier<2, dlib::sig<dlib::fc<20, Input>>>;
using Mlp = Classifier<10, dlib::relu<dlib::fc<128, dlib::relu<dlib::fc<256, Input>>>>>;
using BigMlp = Classifier<1000, dlib::relu<dlib::fc<2048, dlib::relu<dlib::fc<2048, Input>>>>>;
using Cnn = Classifier<10, dlib::relu<dlib::fc<128, Pool<Conv64<Pool<Conv32<Input>>>>>>>;

// Examples as columns, or as images of one channel.
std::vector<dlib::matrix<float>> examples(const peers::Workload& w) {
  const bool images = w.input.size() == 3;
  const long rows = images ? w.input[1] : w.input[0], columns = images ? w.input[2] : 1;
  dlib::rand random("1");
  std::vector<dlib::matrix<float>> list;
  for (std::int64_t i = 0; i < w.batch; ++i) {
    dlib::matrix<float> example(rows, columns);
    for (float& value : example) value = random.get_random_float();
    list.push_back(example);
  }
  return list;
}

// Biases do not decay: their share of it is 0 by default.
template <class Net, class Solver>
void run(const peers::Arguments& arguments, const Solver& solver) {
  const peers::Workload& w = arguments.workload;
  Net net;
  const auto list = examples(w);
  std::vector<unsigned long> labels;
  for (std::int64_t i = 0; i < w.batch; ++i) labels.push_back(static_cast<unsigned long>(i % w.classes));
  dlib::resizable_tensor x;
  net.to_tensor(list.begin(), list.end(), x);
  std::vector<Solver> solvers(Net::num_computational_layers, solver);

  double loss = 0;
  const auto step = [&] {
    loss = net.compute_parameter_gradients(x, labels.begin());
    net.update_parameters(solvers, w.lr);
  };
  step();
  const double first_loss = loss;
  const double seconds = peers::measure(step, arguments.seconds);
  std::int64_t parameters = 0;
  dlib::visit_layer_parameters(
      net, [&](std::size_t, const dlib::tensor& p) { parameters += static_cast<std::int64_t>(p.size()); });
  const std::string version = std::to_string(DLIB_MAJOR_VERSION) + "." + std::to_string(DLIB_MINOR_VERSION);
  peers::report("dlib", version, arguments, parameters, first_loss, loss, seconds);
}

}  // namespace

int main(int argc, char** argv) {
  const peers::Arguments arguments = peers::read_arguments(argc, argv);
  const peers::Workload& w = arguments.workload;
  if (arguments.layout != "default") peers::refuse("dlib has one layout");
  const dlib::adam adam(0, 0.9f, 0.999f);
  const dlib::sgd sgd(static_cast<float>(w.weight_decay), static_cast<float>(w.momentum));
  if (w.name == "seed")
    run<Seed>(arguments, sgd);
  else if (w.name == "mlp")
    run<Mlp>(arguments, adam);
  else if (w.name == "bigmlp")
    run<BigMlp>(arguments, sgd);
  else if (w.name == "cnn")
    run<Cnn>(arguments, adam);
  else
    peers::refuse("this peer has no " + w.name);
}
