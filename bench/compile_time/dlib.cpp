// The network of examples/seed_mlp.cpp in dlib, to compare the time to compile.
#include <dlib/dnn.h>

#include <cstdio>
#include <vector>

int main() {
  using Net =
      dlib::loss_multiclass_log<dlib::fc<2, dlib::sig<dlib::fc<20, dlib::input<dlib::matrix<float>>>>>>;
  dlib::rand random;
  std::vector<dlib::matrix<float>> x(100, dlib::matrix<float>(20, 1));
  std::vector<unsigned long> labels;
  for (auto& row : x) {
    for (float& value : row) value = static_cast<float>(random.get_random_gaussian());
    labels.push_back(row(0) > 0);
  }
  Net net;
  dlib::dnn_trainer<Net> trainer(net, dlib::sgd(0.01f, 0));
  trainer.set_learning_rate(0.1);
  for (int epoch = 0; epoch < 200; ++epoch) {
    for (int row = 0; row < 70; row += 10)
      trainer.train_one_step(x.begin() + row, x.begin() + row + 10, labels.begin() + row);
  }
  trainer.get_net();
  int right = 0;
  for (std::size_t row = 70; row < 100; ++row) right += net(x[row]) == labels[row];
  std::printf("test accuracy: %.2f on 30 rows it never saw\n", right / 30.0);
}
