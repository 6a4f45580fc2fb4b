#include <cstring>

#include "base/check.h"
#include "gradus/value.h"

namespace gradus {

struct Variable::Data {
  std::string name;
  Role role;
  Tensor value;
  bool trainable = true, decays = true, bound = false;
  double lr_scale = 1.0;
  int unit_axis = 0;
};

Variable::Variable(std::string name, const Type& type, Role role)
    : data_(std::make_shared<Data>(Data{std::move(name), role, Tensor(type)})) {}

const std::string& Variable::name() const { return data_->name; }
void Variable::rename(std::string name) const { data_->name = std::move(name); }
const Type& Variable::type() const { return data_->value.type(); }
Role Variable::role() const { return data_->role; }
const Tensor& Variable::value() const { return data_->value; }

void Variable::set(const Tensor& value) const {
  require(value.type() == type(), "variable '{}': it holds {}, {} was given.", name(), type().str(),
          value.type().str());
  data_->value.copy_from(value);
}

bool Variable::trainable() const { return data_->trainable; }
void Variable::set_trainable(bool trainable) const { data_->trainable = trainable; }
bool Variable::decays() const { return data_->decays; }
void Variable::set_decays(bool decays) const { data_->decays = decays; }
double Variable::lr_scale() const { return data_->lr_scale; }
void Variable::set_lr_scale(double scale) const { data_->lr_scale = scale; }
int Variable::unit_axis() const { return data_->unit_axis; }
void Variable::set_unit_axis(int axis) const { data_->unit_axis = axis; }

bool Variable::bound() const { return data_->bound; }
void Variable::bind(std::shared_ptr<std::byte> memory) const {
  GRADUS_CHECK(!data_->bound);
  const Tensor moved(type(), std::move(memory));
  moved.copy_from(data_->value);
  data_->value = moved;
  data_->bound = true;
}

}  // namespace gradus
