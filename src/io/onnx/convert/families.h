// The converters, family by family.
#pragma once

#include <vector>

#include "io/onnx/call.h"

namespace gradus::io::onnx {

std::vector<Converter> activation_ops();
std::vector<Converter> arithmetic_ops();
std::vector<Converter> control_ops();
std::vector<Converter> conv_ops();
std::vector<Converter> einsum_ops();
std::vector<Converter> index_ops();
std::vector<Converter> loss_ops();
std::vector<Converter> matrix_ops();
std::vector<Converter> norm_ops();
std::vector<Converter> optimizer_ops();
std::vector<Converter> pool_ops();
std::vector<Converter> quantize_ops();
std::vector<Converter> recurrent_ops();
std::vector<Converter> reduce_ops();
std::vector<Converter> resize_ops();
std::vector<Converter> sample_ops();
std::vector<Converter> search_ops();
std::vector<Converter> shape_ops();
std::vector<Converter> signal_ops();
std::vector<Converter> slice_ops();
std::vector<Converter> source_ops();
std::vector<Converter> trigonometry_ops();

}  // namespace gradus::io::onnx
