#pragma once

#include "core/clock.h"

namespace hintd::learning {

// Level 2: how hyperparameters are searched for.
struct MetaConfig {
  // Time between two generations, of the calendar. s, 60..2592000.
  Seconds every{86'400};
  // Genomes a generation. 4..1000.
  int population = 10;
  // Of those the best, kept as they are. 1..100, below population.
  int elites = 2;
  // Genomes drawn for each parent, the best of which is taken. 1..100.
  int tournament = 3;
  // Chance that a gene is changed, and how far, part of its range (standard deviation). 0..1.
  double mutation_rate = 0.15;
  double mutation_sd = 0.15;
  // Replays a genome, each with random numbers that all genomes share. 1..100.
  int seeds = 2;
  // Replays that decide whether a champion is replaced. 3..1000.
  int champion_seeds = 8;
  // Paired runs a replay may explore with. 10..100000.
  int pairs = 200;
  // CPU time a generation may take; what is not evaluated then waits for the next one. s, 1..86400.
  double cpu_budget_s = 60;
};

}  // namespace hintd::learning
