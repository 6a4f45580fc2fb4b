// The job that a launcher (mpirun, mpiexec, srun) started this process in.
#pragma once

#include <memory>

#include "gradus/communicator.h"

namespace gradus::dist {

// A place among the ranks of a job. MPI is loaded for it, and for nothing else.
class Job {
 public:
  virtual ~Job() = default;
  virtual Communicator& ranks() = 0;
  virtual void leave() = 0;                       // when all ranks do
  [[noreturn]] virtual void abort(int code) = 0;  // ends this process with `code`, and all others
};

// None where the environment shows no launcher, or one process only. Error (Fault::usage): the launcher's MPI
// is not one that this build has a module for.
std::unique_ptr<Job> join_job();

}  // namespace gradus::dist
