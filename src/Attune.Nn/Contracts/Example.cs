namespace Attune.Nn.Contracts;

/// <summary>One example as objectives and tasks read it: tokenized, not yet masked or batched.</summary>
public sealed record Example
{
    /// <summary>The token ids, special tokens included.</summary>
    public ReadOnlyMemory<int> Ids { get; init; }

    /// <summary>The token types; empty is all 0.</summary>
    public ReadOnlyMemory<int> TypeIds { get; init; }

    /// <summary>True at special tokens, which no objective masks; empty is none.</summary>
    public ReadOnlyMemory<bool> Special { get; init; }

    /// <summary>
    /// The number of the word each token belongs to, -1 for special tokens; empty if unknown. The second sequence of a pair goes on
    /// counting where the first ended.
    /// </summary>
    public ReadOnlyMemory<int> Words { get; init; }

    /// <summary>The target sequence of a sequence-to-sequence task.</summary>
    public ReadOnlyMemory<int> TargetIds { get; init; }

    /// <summary>The class of the whole example; <see cref="Labels.Ignore"/> if there is none.</summary>
    public int Label { get; init; } = Labels.Ignore;

    /// <summary>The number to be predicted by a regression.</summary>
    public float Value { get; init; }

    /// <summary>The class of each token; empty if there is none.</summary>
    public ReadOnlyMemory<int> TokenLabels { get; init; }

    /// <summary>The first and last token of the answer; null if there is none in this example.</summary>
    public (int Start, int End)? Span { get; init; }

    /// <summary>What the answer is compared with as text; null where only positions are known.</summary>
    public AnswerKey? Key { get; init; }

    /// <summary>The choices of a multiple-choice example, each an example of its own.</summary>
    public IReadOnlyList<Example> Choices { get; init; } = [];
}
