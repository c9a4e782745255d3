using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Nn.Contracts;

/// <summary>
/// Something to train a model on: a pre-training objective or a fine-tuning task. It turns examples into batches and
/// batches into a loss; it knows nothing of the training loop, nor of any backbone beyond the contracts.
/// </summary>
public interface ILearnable
{
    /// <summary>The name in recipes and messages.</summary>
    string Name { get; }

    /// <summary>What the backbone must be able to do.</summary>
    Capabilities Requires { get; }

    /// <summary>The heads it trains.</summary>
    IReadOnlyList<HeadRequest> Heads { get; }

    /// <summary>
    /// Everything else it was told that changes what a model learns from the same examples. A run goes on from a checkpoint only if
    /// all of it is as it was.
    /// </summary>
    IReadOnlyList<Setting> Settings { get; }

    /// <summary>
    /// Whether the loss of a batch is a mean over its labels and nothing else: that of an example is then part of it with the share of its own
    /// <see cref="Batch.Weight"/>.
    /// </summary>
    bool IsMeanOverLabels => false;

    /// <summary>Whether it learns from what examples are labelled with; otherwise from their text alone.</summary>
    bool ReadsLabels => true;

    /// <summary>Makes a batch.</summary>
    /// <param name="examples">What the data set gave.</param>
    /// <param name="random">The randomness of this batch (masking); example <c>i</c> of the batch uses stream <c>firstIndex + i</c>.</param>
    /// <param name="firstIndex">The number of the first example within the whole (global) batch.</param>
    Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0);

    /// <summary>The mean loss of a batch.</summary>
    Tensor Loss(Pass pass, Model model, Batch batch);
}

/// <summary>A pre-training objective: the second of the three axes.</summary>
public interface IObjective : ILearnable
{
    /// <inheritdoc/>
    bool ILearnable.ReadsLabels => false;
}

/// <summary>A fine-tuning task: the third of the three axes.</summary>
public interface ITask : ILearnable
{
    /// <summary>Makes an empty tally of the task's metrics.</summary>
    IMetrics NewMetrics();

    /// <summary>Runs the model without training it and adds its answers to a tally.</summary>
    /// <returns>The mean loss of the batch; meaningless if its weight is 0.</returns>
    double Score(Pass pass, Model model, Batch batch, IMetrics metrics);
}

/// <summary>A tally of answers, and the figures that follow from it.</summary>
public interface IMetrics
{
    /// <summary>The figures by name, the main one first (accuracy, F1, perplexity).</summary>
    IReadOnlyList<(string Name, double Value)> Figures { get; }

    /// <summary>Whether more of the main figure is better.</summary>
    bool HigherIsBetter { get; }
}
