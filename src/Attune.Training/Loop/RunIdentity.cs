using Attune.Nn.Contracts;

namespace Attune.Training;

/// <summary>
/// What a run is made of, in words: a checkpoint of another run cannot be continued, because the result would be neither the
/// one run nor the other.
/// </summary>
/// <param name="Seed">The trainer's seed.</param>
/// <param name="Learnable">The objective or task.</param>
/// <param name="Optimizer">The update rule and its settings.</param>
/// <param name="Schedule">The schedule and its settings.</param>
/// <param name="Clipping">The limit of the gradient norm.</param>
/// <param name="Data">The batch source.</param>
/// <param name="Origins">What the data are made of.</param>
/// <param name="Settings">The settings of the objective or task.</param>
internal sealed record RunIdentity(
    string Seed, string Learnable, string Optimizer, string Schedule, string Clipping, string Data, IReadOnlyList<Setting> Origins, IReadOnlyList<Setting> Settings)
{
    /// <summary>What must be the same by all means; the data may be changed by whoever says so.</summary>
    public IEnumerable<(string Name, string Value)> Fields =>
        [("seed", Seed), ("learnable", Learnable), ("optimizer", Optimizer), ("schedule", Schedule), ("clip", Clipping)];
}
