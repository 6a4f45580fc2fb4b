// What a module, a library built against one MPI and loaded when it is needed, gives to the program.
#pragma once

#include "gradus/communicator.h"

// The names under which a module exports them.
extern "C" {
// Joins the job: the ranks that mpirun started. Once.
gradus::Communicator* gradus_mpi_join();
// Leaves it, when all ranks do.
void gradus_mpi_leave();
// Ends all ranks.
void gradus_mpi_abort(int code);
}
