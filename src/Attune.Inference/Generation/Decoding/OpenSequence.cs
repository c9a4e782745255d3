using System.Runtime.InteropServices;

namespace Attune.Inference.Generation.Decoding;

/// <summary>A sequence that is being written: what stands so far, and by which rules it goes on.</summary>
/// <param name="History">The prompt as processors see it.</param>
/// <param name="Rules">The rules.</param>
internal sealed class OpenSequence(IReadOnlyList<int> History, SequenceRules Rules)
{
    private readonly List<int> _ids = [.. History];

    /// <summary>The rules.</summary>
    public SequenceRules Rules { get; } = Rules;

    /// <summary>The number of tokens written.</summary>
    public int Count => _ids.Count - History.Count;

    /// <summary>The tokens written.</summary>
    public ReadOnlySpan<int> Written => CollectionsMarshal.AsSpan(_ids)[History.Count..];

    /// <summary>Changes the scores of the next token as the rules have it.</summary>
    public void Process(Span<float> logits)
    {
        foreach (ILogitsProcessor processor in Rules.Processors)
            processor.Apply(logits, CollectionsMarshal.AsSpan(_ids));
    }

    /// <summary>Adds a token.</summary>
    /// <returns>Whether it is the last one.</returns>
    public bool Add(int id)
    {
        _ids.Add(id);
        return Rules.EndIds.Contains(id) || Count >= Rules.MaxNewTokens || (Rules.IsStopped?.Invoke(Written) ?? false);
    }

    /// <summary>The same sequence with one more token.</summary>
    /// <param name="id">The token.</param>
    /// <param name="isLast">Whether it is the last one.</param>
    public OpenSequence With(int id, out bool isLast)
    {
        var longer = new OpenSequence(History, Rules);
        longer._ids.AddRange(Written);
        isLast = longer.Add(id);
        return longer;
    }
}

/// <summary>By which rules a sequence is written.</summary>
/// <param name="Processors">What changes the scores.</param>
/// <param name="EndIds">The tokens that end it.</param>
/// <param name="MaxNewTokens">The most tokens.</param>
/// <param name="IsStopped">Whether what is written ends it in another way; null if nothing does.</param>
internal sealed record SequenceRules(
    IReadOnlyList<ILogitsProcessor> Processors, IReadOnlyList<int> EndIds, int MaxNewTokens, IsStopped? IsStopped);

/// <summary>Says whether tokens that were written end a sequence.</summary>
internal delegate bool IsStopped(ReadOnlySpan<int> written);
