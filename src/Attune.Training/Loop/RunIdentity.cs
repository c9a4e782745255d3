namespace Attune.Training;

/// <summary>
/// What a run is made of, in words: a checkpoint of another run cannot be continued, because the result would be neither the
/// one run nor the other.
/// </summary>
/// <param name="Seed">The trainer's seed.</param>
/// <param name="Learnable">The objective or task.</param>
/// <param name="Optimizer">The update rule and its settings.</param>
/// <param name="Schedule">The schedule and its settings.</param>
/// <param name="Data">The batch source.</param>
internal sealed record RunIdentity(string Seed, string Learnable, string Optimizer, string Schedule, string Data)
{
    public IEnumerable<(string Name, string Value)> Fields =>
        [("seed", Seed), ("learnable", Learnable), ("optimizer", Optimizer), ("schedule", Schedule), ("data", Data)];
}
