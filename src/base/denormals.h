// How the processor treats numbers too small to have all their digits.
#pragma once

#if defined(__SSE__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace gradus {

// The calling thread's setting, to be handed to others.
class FloatControl {
 public:
#if defined(__SSE__) || defined(_M_X64)
  static FloatControl current() { return FloatControl(_mm_getcsr()); }
  // Such numbers count as 0, read or written: arithmetic with them is a hundred times slower, and vanishing
  // gradients are full of them.
  FloatControl flushing() const { return FloatControl(bits_ | 0x8040u); }
  void set() const { _mm_setcsr(bits_); }
  bool operator==(const FloatControl&) const = default;

 private:
  explicit FloatControl(unsigned bits) : bits_(bits) {}
  unsigned bits_;
#else
  static FloatControl current() { return {}; }
  FloatControl flushing() const { return *this; }
  void set() const {}
  bool operator==(const FloatControl&) const = default;
#endif
};

// A setting while it lives.
class FloatScope {
 public:
  explicit FloatScope(const FloatControl& control) : before_(FloatControl::current()) {
    if (!(control == before_)) control.set();
    set_ = !(control == before_);
  }
  ~FloatScope() {
    if (set_) before_.set();
  }
  FloatScope(const FloatScope&) = delete;
  FloatScope& operator=(const FloatScope&) = delete;

 private:
  FloatControl before_;
  bool set_ = false;
};

}  // namespace gradus
