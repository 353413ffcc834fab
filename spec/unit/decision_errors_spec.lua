-- How often the sequential decision errs, where the truth is known: simulated comparisons with fixed seeds.
local splitmix = require "scalerun.splitmix"
local stats = require "scalerun.stats"

local FIRST = 3
local LIMIT = 1.10

-- Normal random numbers by Box and Muller.
local function normal(seed)
  local next_bits = splitmix.new(seed)
  local function uniform()
    return ((next_bits() >> 11) + 0.5) * 2 ^ -53
  end
  return function()
    return math.sqrt(-2 * math.log(uniform())) * math.cos(2 * math.pi * uniform())
  end
end

-- One comparison to its end: each round's mean of each arm is off by 5 %.
local function compare(true_ratio, most, band, random, confidence, seed)
  local baseline, load = {}, {}
  for round = 1, most do
    baseline[round] = 2.0 * math.exp(0.05 * random())
    load[round] = 2.0 * true_ratio * math.exp(0.05 * random())
    if round >= FIRST then
      local found = stats.ratio {
        baseline = baseline, load = load, confidence = confidence, seed = seed, resamples = 199,
      }
      local decision = stats.sequential(found, LIMIT, band)
      if decision ~= "undecided" then
        return decision, round
      end
    end
  end
  return "undecided", most
end

local function simulate(true_percent, most, band, trials)
  local random, confidence = normal(1000 + true_percent), stats.confidence(most - FIRST + 1)
  local counts, rounds = { pass = 0, fail = 0, undecided = 0 }, 0
  for trial = 1, trials do
    local decision, round = compare(1 + true_percent / 100, most, band, random, confidence, trial)
    counts[decision], rounds = counts[decision] + 1, rounds + round
  end
  local right = 1 + true_percent / 100 <= LIMIT + band and "pass" or "fail"
  local wrong = counts[right == "pass" and "fail" or "pass"]
  return {
    right = right, wrong = 100 * wrong / trials, decided = 100 * counts[right] / trials,
    undecided = 100 * counts.undecided / trials, rounds = rounds / trials,
  }
end

describe("decisions on a limit of +10 % with 5 % noise", function()
  for _, case in ipairs {
    { most = 9, band = 0, trials = 600 },
    { most = 9, band = 0.05, trials = 600 },
    { most = 12, band = 0, trials = 300 }, -- bootstrapped from the tenth round on
  } do
    local name = "are wrong in less than 5 of 100, after %d to %d rounds, band %g"
    it(name:format(FIRST, case.most, case.band), function()
      print(("\nrounds %d to %d, limit +10 %%, band %g points, %d comparisons each"):format(
        FIRST, case.most, 100 * case.band, case.trials))
      print("  truth   right   decided so   wrongly   inconclusive   rounds")
      for _, truth in ipairs { 0, 5, 8, 12, 20 } do
        local found = simulate(truth, case.most, case.band, case.trials)
        print(("  %+4d %%  %-5s    %6.1f %%  %6.1f %%       %6.1f %%     %.1f"):format(
          truth, found.right, found.decided, found.wrong, found.undecided, found.rounds))
        assert.is_true(found.wrong < 5)
      end
    end)
  end

  it("come about: what is far from the limit is not left open", function()
    assert.is_true(simulate(0, 9, 0, 300).decided > 80)
    assert.is_true(simulate(20, 9, 0, 300).decided > 60)
  end)
end)
