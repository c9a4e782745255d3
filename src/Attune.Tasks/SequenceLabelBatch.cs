using Attune.Nn.Contracts;

namespace Attune.Tasks;

/// <summary>Token sequences with a class for each: classification, and multiple choice with its flattened choices.</summary>
public sealed record SequenceLabelBatch : Batch
{
    /// <summary>What the backbone reads.</summary>
    public required TokenBatch Input { get; init; }

    /// <summary>The class of each example; <see cref="Nn.Contracts.Labels.Ignore"/> where it is unknown.</summary>
    public required ReadOnlyMemory<int> Labels { get; init; }

    /// <summary>Collects the classes of examples and checks them.</summary>
    /// <exception cref="ArgumentException">A class is out of range.</exception>
    internal static (Memory<int> Labels, int Known) LabelsOf(IReadOnlyList<Example> examples, Func<Example, int> classes, BatchArrays arrays)
    {
        Memory<int> labels = arrays.Ints(examples.Count);
        int known = 0;
        for (int s = 0; s < examples.Count; s++)
        {
            int label = examples[s].Label, count = classes(examples[s]);
            if (label != Nn.Contracts.Labels.Ignore && (uint)label >= (uint)count)
                throw new ArgumentException($"Example {s} of the batch has the class {label}; classes are 0 to {count - 1}.", nameof(examples));
            labels.Span[s] = label;
            known += label == Nn.Contracts.Labels.Ignore ? 0 : 1;
        }
        return (labels, known);
    }
}
