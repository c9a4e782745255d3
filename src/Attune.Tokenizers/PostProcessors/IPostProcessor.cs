using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.PostProcessors;

/// <summary>Puts special tokens around sequences and corrects their offsets.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal interface IPostProcessor : IComponent
{
    /// <summary>How many special tokens are added.</summary>
    int AddedTokens(bool isPair);

    /// <summary>Processes the sequences of one encoding.</summary>
    /// <param name="sequences">The sequences, and what was put between them.</param>
    /// <param name="addSpecialTokens">Whether special tokens are wanted.</param>
    /// <returns>Parts to be put one behind the other.</returns>
    IReadOnlyList<EncodingDraft> Process(IReadOnlyList<EncodingDraft> sequences, bool addSpecialTokens);

    /// <summary>The special ids before and after a single sequence, where adding them is all that is done to its ids.</summary>
    SpecialFrame? Frame { get; }
}

/// <summary>Special ids around a single sequence.</summary>
internal sealed record SpecialFrame(int[] Before, int[] After)
{
    /// <summary>Nothing around it.</summary>
    public static SpecialFrame None { get; } = new([], []);
}
