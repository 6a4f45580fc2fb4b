// The network of examples/seed_mlp.cpp in LibTorch, to compare the time to compile.
#include <torch/torch.h>

#include <cstdio>

int main() {
  const torch::Tensor x = torch::randn({100, 20}), labels = (x.select(1, 0) > 0).to(torch::kLong);
  torch::nn::Sequential net(torch::nn::Linear(20, 20), torch::nn::Sigmoid(), torch::nn::Linear(20, 2));
  torch::optim::SGD sgd(net->parameters(), torch::optim::SGDOptions(0.1).weight_decay(0.01));
  for (int epoch = 0; epoch < 200; ++epoch) {
    for (int row = 0; row < 70; row += 10) {
      sgd.zero_grad();
      const torch::Tensor logits = net->forward(x.slice(0, row, row + 10));
      torch::nn::functional::cross_entropy(logits, labels.slice(0, row, row + 10)).backward();
      sgd.step();
    }
  }
  const torch::Tensor right = net->forward(x.slice(0, 70)).argmax(1) == labels.slice(0, 70);
  std::printf("test accuracy: %.2f on 30 rows it never saw\n", right.to(torch::kFloat).mean().item<double>());
}
