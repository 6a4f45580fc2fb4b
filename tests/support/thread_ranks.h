// Ranks that are threads of the test: a Communicator without MPI.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "gradus/communicator.h"

namespace gradus {

// Where they meet. A rank that ends with a fault is lost to the others.
class Meeting {
 public:
  explicit Meeting(int size) : size_(size), offers_(static_cast<std::size_t>(size)) {}

  // Hands in an offer, calls `read` with everyone's once all are there, and returns when all have read.
  void meet(int rank, std::span<const std::byte> offer,
            const std::function<void(const std::vector<std::span<const std::byte>>&)>& read) {
    offers_[static_cast<std::size_t>(rank)] = offer;
    wait_for_all();
    read(offers_);
    wait_for_all();
  }

  void lose() {
    const std::lock_guard lock(mutex_);
    lost_ = true;
    changed_.notify_all();
  }

 private:
  void wait_for_all() {
    std::unique_lock lock(mutex_);
    const std::int64_t round = round_;
    if (++there_ == size_) {
      there_ = 0;
      ++round_;
      changed_.notify_all();
      return;
    }
    changed_.wait(lock, [&] { return round_ != round || lost_; });
    if (round_ == round) throw Error("another rank is gone.", Fault::rank_lost);
  }

  const int size_;
  std::vector<std::span<const std::byte>> offers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int there_ = 0;
  std::int64_t round_ = 0;
  bool lost_ = false;
};

class ThreadRank final : public Communicator {
 public:
  ThreadRank(Meeting& meeting, int rank, int size) : meeting_(meeting), rank_(rank), size_(size) {}

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int on_this_machine() const override { return size_; }

  void exchange(int with, std::span<const std::byte> give, std::span<std::byte> take) override {
    meeting_.meet(rank_, give, [&](const auto& all) {
      const std::span<const std::byte> theirs = all[static_cast<std::size_t>(with)];
      if (theirs.size() != take.size()) throw Error("ranks disagree about the bytes they exchange.");
      std::copy(theirs.begin(), theirs.end(), take.begin());
    });
  }

  std::vector<std::string> gather(const std::string& text) override {
    std::vector<std::string> texts;
    meeting_.meet(rank_, std::as_bytes(std::span(text)), [&](const auto& all) {
      for (const auto& each : all)
        texts.emplace_back(reinterpret_cast<const char*>(each.data()), each.size());
    });
    return texts;
  }

  void begin_sum(std::span<float> values) override { sum(values); }
  void begin_sum(std::span<double> values) override { sum(values); }
  void begin_share(std::span<std::byte> bytes, int from) override {
    meeting_.meet(rank_, bytes, [&](const auto& all) {
      const std::span<const std::byte> theirs = all[static_cast<std::size_t>(from)];
      if (theirs.size() != bytes.size()) throw Error("ranks disagree about the bytes they share.");
      if (from != rank_) std::copy(theirs.begin(), theirs.end(), bytes.begin());
    });
  }
  void advance() override {}
  void finish() override {}

 private:
  template <class T>
  void sum(std::span<T> values) {
    std::vector<T> total(values.size());
    meeting_.meet(rank_, std::as_bytes(values), [&](const auto& all) {
      for (const auto& each : all) {
        if (each.size() != values.size_bytes()) throw Error("ranks disagree about the values they sum.");
        const T* theirs = reinterpret_cast<const T*>(each.data());
        for (std::size_t i = 0; i < total.size(); ++i) total[i] += theirs[i];
      }
    });
    std::copy(total.begin(), total.end(), values.begin());
  }

  Meeting& meeting_;
  int rank_, size_;
};

// Runs `work` as `size` ranks at the same time; throws the first fault there was that is no loss of another.
inline void run_ranks(int size, const std::function<void(Communicator&)>& work) {
  Meeting meeting(size);
  std::mutex mutex;
  std::exception_ptr fault, loss;
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        ThreadRank ranks(meeting, rank, size);
        work(ranks);
      } catch (const Error& error) {
        meeting.lose();
        const std::lock_guard lock(mutex);
        std::exception_ptr& kept = error.fault() == Fault::rank_lost ? loss : fault;
        if (!kept) kept = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (fault) std::rethrow_exception(fault);
  if (loss) std::rethrow_exception(loss);
}

}  // namespace gradus
