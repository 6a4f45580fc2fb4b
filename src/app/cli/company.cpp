#include "app/cli/company.h"

#include <fmt/format.h>

#include "app/cli/verb.h"
#include "dist/job.h"

namespace gradus::cli {

int with_ranks(const Terminal& terminal, const std::function<int(Communicator*)>& work) {
  const std::unique_ptr<dist::Job> job = dist::join_job();
  if (job == nullptr) return work(nullptr);
  const int rank = job->ranks().rank();
  // The others wait for this rank: it must not end before they do.
  const auto end_all = [&](const std::string& what, int code) {
    const std::string who = rank == 0 || what.starts_with("rank ") ? "" : fmt::format("rank {}: ", rank);
    write_message(fmt::format("gradus: {} {}{}\n", terminal.paint("error:", Tone::bad), who, what));
    job->abort(code);
  };
  try {
    const int code = work(&job->ranks());
    job->leave();
    return code;
  } catch (const SharedError& error) {
    job->leave();
    if (rank == 0) throw;
    return static_cast<int>(error.fault());
  } catch (const Error& error) {
    end_all(error.what(), static_cast<int>(error.fault()));
  } catch (const std::bad_alloc&) {
    end_all("there is not enough memory. Take a smaller model, batch or data set.",
            static_cast<int>(Fault::model));
  } catch (const std::exception& error) {
    end_all(fmt::format("internal fault: {}", error.what()), kInternalExit);
  }
  return kInternalExit;
}

}  // namespace gradus::cli
