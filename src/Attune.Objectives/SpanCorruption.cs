using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Objectives;

/// <summary>
/// T5's objective (Raffel et al. 2020, arXiv:1910.10683): runs of tokens are replaced by sentinels, and the decoder writes each sentinel
/// followed by what it stood for. The text begins with a kept run and ends with a hidden one.
/// </summary>
/// <param name="options">How much is hidden, and the tokens that mark it.</param>
/// <remarks>Collates on one thread at a time.</remarks>
public sealed class SpanCorruption(SpanCorruptionOptions options) : IObjective
{
    private readonly Draws _draws = new(default);

    /// <inheritdoc/>
    public string Name => "span-corruption";

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.EncoderDecoder | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.SequenceToSequenceLm)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => options.Settings;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An example has no tokens.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var pairs = new (ReadOnlyMemory<int>, ReadOnlyMemory<int>)[examples.Count];
        for (int s = 0; s < pairs.Length; s++)
        {
            _draws.Restart(random.Stream((uint)(firstIndex + s)));
            ReadOnlySpan<int> tokens = examples[s].Ids.Span;
            (int noise, int spans) = options.Count(tokens.Length);
            bool[] mask = Mask(tokens.Length, Breaks(noise, spans), Breaks(Math.Max(tokens.Length, 2) - noise, spans));
            pairs[s] = Corrupt(tokens, mask);
        }
        return SequenceToSequenceBatch.Of(pairs);
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch) => ((SequenceToSequenceBatch)batch).Loss(pass, model);

    /// <summary>Which tokens are hidden: kept and hidden runs take turns, a kept one first.</summary>
    /// <param name="length">The tokens of the text.</param>
    /// <param name="noiseBreaks">For each hidden token but the first, whether it begins another run.</param>
    /// <param name="keptBreaks">For each kept token but the first, whether it begins another run.</param>
    internal static bool[] Mask(int length, ReadOnlySpan<bool> noiseBreaks, ReadOnlySpan<bool> keptBreaks)
    {
        List<bool> mask = [];
        int noise = 0, kept = 0;
        while (mask.Count <= noiseBreaks.Length + keptBreaks.Length + 1)
        {
            kept = Run(mask, keptBreaks, kept, hidden: false);
            noise = Run(mask, noiseBreaks, noise, hidden: true);
        }
        return [.. mask.Take(length)];
    }

    /// <summary>The source, in which each hidden run is a sentinel, and the target, in which each kept run is one.</summary>
    internal (int[] Source, int[] Target) Corrupt(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> hidden) =>
        ([.. WithSentinels(tokens, hidden, replaced: true), options.EosId], [.. WithSentinels(tokens, hidden, replaced: false), options.EosId]);

    private List<int> WithSentinels(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> hidden, bool replaced)
    {
        List<int> result = [];
        int sentinel = options.FirstSentinelId;
        for (int i = 0; i < tokens.Length; i++)
        {
            if (hidden[i] != replaced)
                result.Add(tokens[i]);
            else if (i == 0 || hidden[i - 1] != replaced)
                result.Add(sentinel--);
        }
        return result;
    }

    private static int Run(List<bool> mask, ReadOnlySpan<bool> breaks, int next, bool hidden)
    {
        mask.Add(hidden);
        while (next < breaks.Length && !breaks[next])
        {
            mask.Add(hidden);
            next++;
        }
        return next + 1;
    }

    private bool[] Breaks(int tokens, int runs)
    {
        bool[] breaks = new bool[tokens - 1];
        breaks.AsSpan(0, runs - 1).Fill(true);
        _draws.Shuffle(breaks.AsSpan());
        return breaks;
    }
}
