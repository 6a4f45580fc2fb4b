// Sections of a run's page that are tables and text, each as HTML.
#pragma once

#include <string>

#include "app/report/facts.h"

namespace gradus::report {

std::string scores_html(const RunFacts& facts);         // by part: loss and accuracy
std::string findings_html(const RunFacts& facts);       // "" if nothing was found
std::string classes_html(const train::Review& review);  // "" for regressions
std::string model_html(const RunFacts& facts);
std::string data_html(const RunFacts& facts);
std::string environment_html(const RunFacts& facts);
std::string reproduce_html(const RunFacts& facts);

}  // namespace gradus::report
