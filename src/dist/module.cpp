// Ranks over MPI (MPI: A Message-Passing Interface Standard, version 3.1). Built once for each MPI there is.
#include "dist/module.h"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <climits>
#include <optional>

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // of a message: MPI counts in int

class MpiRanks final : public gradus::Communicator {
 public:
  MpiRanks() {
    int provided = 0;
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "starting");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    check(MPI_Comm_dup(MPI_COMM_WORLD, &all_), "starting");
    MPI_Comm_set_errhandler(all_, MPI_ERRORS_RETURN);
    check(MPI_Comm_rank(all_, &rank_), "starting");
    check(MPI_Comm_size(all_, &size_), "starting");
    MPI_Comm here = MPI_COMM_NULL;
    check(MPI_Comm_split_type(all_, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here), "starting");
    check(MPI_Comm_size(here, &here_), "starting");
    MPI_Comm_free(&here);
    requests_.reserve(64);
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int on_this_machine() const override { return here_; }

  void exchange(int with, std::span<const std::byte> give, std::span<std::byte> take) override {
    while (!give.empty() || !take.empty()) {
      const std::size_t out = std::min(give.size(), kMostBytes), in = std::min(take.size(), kMostBytes);
      check(MPI_Sendrecv(give.data(), static_cast<int>(out), MPI_BYTE, with, 0, take.data(),
                         static_cast<int>(in), MPI_BYTE, with, 0, all_, MPI_STATUS_IGNORE),
            "exchanging sums");
      give = give.subspan(out);
      take = take.subspan(in);
    }
  }

  std::vector<std::string> gather(const std::string& text) override {
    const int mine = static_cast<int>(text.size());
    std::vector<int> sizes(static_cast<std::size_t>(size_)), begins(sizes.size());
    check(MPI_Allgather(&mine, 1, MPI_INT, sizes.data(), 1, MPI_INT, all_), "comparing");
    int total = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      begins[i] = total;
      total += sizes[i];
    }
    std::string joined(static_cast<std::size_t>(total), '\0');
    check(MPI_Allgatherv(text.data(), mine, MPI_CHAR, joined.data(), sizes.data(), begins.data(), MPI_CHAR,
                         all_),
          "comparing");
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < sizes.size(); ++i)
      texts.push_back(joined.substr(static_cast<std::size_t>(begins[i]), static_cast<std::size_t>(sizes[i])));
    return texts;
  }

  void begin_sum(std::span<float> values) override { begin(values.data(), values.size(), MPI_FLOAT); }
  void begin_sum(std::span<double> values) override { begin(values.data(), values.size(), MPI_DOUBLE); }

  void begin_share(std::span<std::byte> bytes, int from) override {
    while (!bytes.empty()) {
      const std::size_t some = std::min(bytes.size(), kMostBytes);
      check(MPI_Ibcast(bytes.data(), static_cast<int>(some), MPI_BYTE, from, all_,
                       &requests_.emplace_back(MPI_REQUEST_NULL)),
            "sharing weights");
      bytes = bytes.subspan(some);
    }
  }

  void advance() override {
    int done = 0;
    if (!requests_.empty())
      check(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE),
            "summing");
  }

  void finish() override {
    check(MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE),
          "summing or sharing");
    requests_.clear();
  }

  void leave() {
    MPI_Comm_free(&all_);
    MPI_Finalize();
  }

 private:
  template <class T>
  void begin(T* values, std::size_t count, MPI_Datatype type) {
    while (count > 0) {
      const std::size_t some = std::min(count, kMostBytes / sizeof(T));
      check(MPI_Iallreduce(MPI_IN_PLACE, values, static_cast<int>(some), type, MPI_SUM, all_,
                           &requests_.emplace_back(MPI_REQUEST_NULL)),
            "summing");
      values += some;
      count -= some;
    }
  }

  void check(int code, const char* doing) const {
    if (code == MPI_SUCCESS) return;
    std::array<char, MPI_MAX_ERROR_STRING> text{};
    int length = 0;
    MPI_Error_string(code, text.data(), &length);
    throw gradus::Error("rank " + std::to_string(rank_) +
                            ": another rank is gone or cannot be reached (while " + doing + ": " +
                            std::string(text.data(), static_cast<std::size_t>(length)) +
                            "). Start the job again with --resume.",
                        gradus::Fault::rank_lost);
  }

  MPI_Comm all_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1, here_ = 1;
  std::vector<MPI_Request> requests_;
};

// MPI can be started once in a process, and is its own global state.
std::optional<MpiRanks>& joined() {
  static std::optional<MpiRanks> ranks;
  return ranks;
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) gradus::Communicator* gradus_mpi_join() { return &joined().emplace(); }

__attribute__((visibility("default"))) void gradus_mpi_leave() { joined()->leave(); }

__attribute__((visibility("default"))) void gradus_mpi_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }
}
