namespace Attune.Nn.Contracts;

/// <summary>Token sequences with a label for each row: masked and causal language models, tagging.</summary>
public sealed record LabelledTokenBatch : Batch
{
    /// <summary>What the backbone reads.</summary>
    public required TokenBatch Input { get; init; }

    /// <summary>The label of each row; <see cref="Contracts.Labels.Ignore"/> where there is none.</summary>
    public required ReadOnlyMemory<int> Labels { get; init; }

    /// <summary>Makes a batch that weighs as much as it has labels.</summary>
    public static LabelledTokenBatch Of(TokenBatch input, ReadOnlyMemory<int> labels, BatchArrays arrays) => new()
    {
        Input = input,
        Labels = labels,
        Arrays = arrays,
        Examples = input.Segments.Count,
        Tokens = input.Rows,
        Weight = labels.Length - labels.Span.Count(Contracts.Labels.Ignore),
    };
}
