// Training steps of the workloads in LibTorch: forward, backward and update on one batch.
#include <torch/torch.h>
#include <torch/version.h>

#include <memory>

#include "measure.h"

namespace {

using torch::nn::Sequential;

Sequential mlp(const std::vector<std::int64_t>& sizes, torch::Tensor (*activation)(const torch::Tensor&)) {
  Sequential net;
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    net->push_back(torch::nn::Linear(sizes[i - 1], sizes[i]));
    if (i + 1 < sizes.size()) net->push_back(torch::nn::Functional(activation));
  }
  return net;
}

torch::nn::ReLU relu() { return torch::nn::ReLU(torch::nn::ReLUOptions(true)); }

torch::nn::Conv2d conv3x3(std::int64_t inputs, std::int64_t outputs, std::int64_t stride = 1,
                          bool bias = false) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(inputs, outputs, 3).stride(stride).padding(1).bias(bias));
}

torch::nn::Conv2d conv1x1(std::int64_t inputs, std::int64_t outputs, std::int64_t stride) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(inputs, outputs, 1).stride(stride).bias(false));
}

Sequential cnn() {
  return Sequential(conv3x3(1, 32, 1, true), relu(), torch::nn::MaxPool2d(2), conv3x3(32, 64, 1, true),
                    relu(), torch::nn::MaxPool2d(2), torch::nn::Flatten(), torch::nn::Linear(64 * 7 * 7, 128),
                    relu(), torch::nn::Linear(128, 10));
}

void push_head(Sequential& net, std::int64_t channels) {
  net->push_back(torch::nn::AdaptiveAvgPool2d(1));
  net->push_back(torch::nn::Flatten());
  net->push_back(torch::nn::Linear(channels, 10));
}

// relu(F(x) + x); where the shape changes, x passes a 1x1 convolution and batch normalization.
struct Residual : torch::nn::Module {
  Sequential body, shortcut;

  Residual(std::int64_t inputs, std::int64_t outputs, std::int64_t stride)
      : body(conv3x3(inputs, outputs, stride), torch::nn::BatchNorm2d(outputs), relu(),
             conv3x3(outputs, outputs), torch::nn::BatchNorm2d(outputs)) {
    register_module("body", body);
    if (stride == 1) return;
    shortcut->push_back(conv1x1(inputs, outputs, stride));
    shortcut->push_back(torch::nn::BatchNorm2d(outputs));
    register_module("shortcut", shortcut);
  }

  torch::Tensor forward(const torch::Tensor& x) {
    return body->forward(x).add_(shortcut->is_empty() ? x : shortcut->forward(x)).relu_();
  }
};

Sequential resnet20() {
  Sequential net(conv3x3(3, 16), torch::nn::BatchNorm2d(16), relu());
  std::int64_t channels = 16;
  for (const std::int64_t stage : {16, 32, 64}) {
    for (int block = 0; block < 3; ++block, channels = stage)
      net->push_back(std::make_shared<Residual>(channels, stage, stage / channels));
  }
  push_head(net, channels);
  return net;
}

// x, and after its channels those of conv(relu(batch_norm(x))).
struct DenseLayer : torch::nn::Module {
  Sequential body;

  DenseLayer(std::int64_t inputs, std::int64_t growth)
      : body(torch::nn::BatchNorm2d(inputs), relu(), conv3x3(inputs, growth)) {
    register_module("body", body);
  }

  torch::Tensor forward(const torch::Tensor& x) { return torch::cat({x, body->forward(x)}, 1); }
};

Sequential densenet40() {
  Sequential net(conv3x3(3, 16));
  std::int64_t channels = 16;
  for (int block = 0; block < 3; ++block) {
    if (block > 0) {
      net->push_back(torch::nn::BatchNorm2d(channels));
      net->push_back(relu());
      net->push_back(conv1x1(channels, channels, 1));
      net->push_back(torch::nn::AvgPool2d(2));
    }
    for (int layer = 0; layer < 12; ++layer, channels += 12)
      net->push_back(std::make_shared<DenseLayer>(channels, 12));
  }
  net->push_back(torch::nn::BatchNorm2d(channels));
  net->push_back(relu());
  push_head(net, channels);
  return net;
}

Sequential make_network(const std::string& name) {
  if (name == "seed") return mlp({20, 20, 2}, torch::sigmoid);
  if (name == "mlp") return mlp({784, 256, 128, 10}, torch::relu);
  if (name == "bigmlp") return mlp({1024, 2048, 2048, 1000}, torch::relu);
  if (name == "cnn") return cnn();
  if (name == "resnet20") return resnet20();
  return densenet40();
}

// Weights decay; biases and the parameters of normalization do not.
std::unique_ptr<torch::optim::Optimizer> make_optimizer(const peers::Workload& w,
                                                        const std::vector<torch::Tensor>& parameters) {
  if (w.adam) return std::make_unique<torch::optim::Adam>(parameters, torch::optim::AdamOptions(w.lr));
  torch::optim::SGDOptions settings = torch::optim::SGDOptions(w.lr).momentum(w.momentum);
  std::vector<torch::Tensor> weights, others;
  for (const torch::Tensor& p : parameters) (p.dim() > 1 ? weights : others).push_back(p);
  auto sgd = std::make_unique<torch::optim::SGD>(others, settings);
  sgd->add_param_group(
      {weights, std::make_unique<torch::optim::SGDOptions>(settings.weight_decay(w.weight_decay))});
  return sgd;
}

void put_channels_last(Sequential& net) {
  for (torch::Tensor& p : net->parameters())
    if (p.dim() == 4) p.set_data(p.contiguous(torch::MemoryFormat::ChannelsLast));
}

}  // namespace

int main(int argc, char** argv) {
  const peers::Arguments arguments = peers::read_arguments(argc, argv);
  const peers::Workload& w = arguments.workload;
  torch::manual_seed(1);
  torch::set_num_threads(arguments.threads);
  at::globalContext().setFlushDenormal(true);
  Sequential net = make_network(w.name);
  std::vector<std::int64_t> shape = w.input;
  shape.insert(shape.begin(), w.batch);
  torch::Tensor x = torch::rand(shape);
  const torch::Tensor y = torch::arange(w.batch) % w.classes;
  if (arguments.layout == "channels_last") {
    put_channels_last(net);
    x = x.contiguous(torch::MemoryFormat::ChannelsLast);
  }
  const auto optimizer = make_optimizer(w, net->parameters());

  torch::Tensor loss;
  const auto step = [&] {
    net->zero_grad(/*set_to_none=*/true);
    loss = torch::nn::functional::cross_entropy(net->forward(x), y);
    loss.backward();
    optimizer->step();
  };
  step();
  const double first_loss = loss.item<double>();
  const double seconds = peers::measure(step, arguments.seconds);
  std::int64_t parameters = 0;
  for (const torch::Tensor& p : net->parameters()) parameters += p.numel();
  peers::report("libtorch", TORCH_VERSION, arguments, parameters, first_loss, loss.item<double>(), seconds);
}
