using Attune.Nn.Contracts;
using Attune.Tasks.Metrics;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Tasks;

/// <summary>Going on with a pre-training objective on other text, and measuring perplexity there.</summary>
/// <param name="objective">The objective: causal or masked language modelling.</param>
public sealed class LanguageModelling(IObjective objective) : ITask
{
    /// <inheritdoc/>
    public string Name => "language-modelling";

    /// <inheritdoc/>
    public Capabilities Requires => objective.Requires;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads => objective.Heads;

    /// <inheritdoc/>
    public bool ReadsLabels => objective.ReadsLabels;

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => objective.Settings;

    /// <inheritdoc/>
    public bool IsMeanOverLabels => objective.IsMeanOverLabels;

    /// <inheritdoc/>
    public IMetrics NewMetrics() => new PerplexityMetrics();

    /// <inheritdoc/>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0) =>
        objective.Collate(examples, random, firstIndex);

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch) => objective.Loss(pass, model, batch);

    /// <inheritdoc/>
    public double Score(Pass pass, Model model, Batch batch, IMetrics metrics)
    {
        double loss = objective.Loss(pass, model, batch).Item;
        ((PerplexityMetrics)metrics).Add(loss, batch.Weight);
        return loss;
    }
}
