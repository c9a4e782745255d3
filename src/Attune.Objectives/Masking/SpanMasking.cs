using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;

namespace Attune.Objectives.Masking;

/// <summary>
/// SpanBERT's choice (Joshi et al. 2020, arXiv:1907.10529): spans of whole words whose lengths follow a geometric law, until the budget is
/// spent, which may cut the last word. Touching spans are one. Needs <see cref="Example.Words"/>.
/// </summary>
/// <param name="Probability">The share of the tokens that are not special that are chosen.</param>
/// <param name="Success">The probability of the geometric law.</param>
/// <param name="MaxWords">The longest span.</param>
/// <param name="WholeSpans">Whether the tokens of a span are corrupted alike.</param>
public sealed record SpanMasking(double Probability = 0.15, double Success = 0.2, int MaxWords = 10, bool WholeSpans = true) : IMaskingStrategy
{
    private readonly double[] _lengths = Lengths(Success, MaxWords);
    private readonly List<int> _positions = [];

    /// <inheritdoc/>
    public string Name => "span";

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings =>
    [
        Setting.Of("masking", Name),
        Setting.Of("probability", Probability),
        Setting.Of("success", Success),
        Setting.Of("max_words", MaxWords),
        Setting.Of("whole_spans", WholeSpans),
    ];

    /// <summary>The probability of each span length from 1.</summary>
    public static double[] Lengths(double success, int longest)
    {
        double[] probabilities = [.. Enumerable.Range(0, longest).Select(k => success * Math.Pow(1 - success, k))];
        double sum = probabilities.Sum();
        return [.. probabilities.Select(p => p / sum)];
    }

    /// <inheritdoc/>
    public void Choose(Example example, Draws draws, List<ChosenToken> chosen)
    {
        if (example.Words.Length != example.Ids.Length)
            throw new ArgumentException("Masking spans needs the word of each token; the examples were tokenized without words.", nameof(example));
        _positions.Clear();
        for (int i = 0; i < example.Ids.Length; i++)
        {
            if (example.Special.IsEmpty || !example.Special.Span[i])
                _positions.Add(i);
        }
        if (_positions.Count == 0)
            return;
        bool[] starts = new bool[_positions.Count];
        for (int i = 0; i < starts.Length; i++)
            starts[i] = i == 0 || example.Words.Span[_positions[i]] != example.Words.Span[_positions[i - 1]];
        bool[] masked = Spans(starts, Probability, () => 1 + draws.Weighted(_lengths), () => draws.Below(starts.Length));
        for (int i = 0, unit = -1; i < masked.Length; i++)
        {
            if (!masked[i])
                continue;
            if (!WholeSpans || i == 0 || !masked[i - 1])
                unit++;
            chosen.Add(new ChosenToken(_positions[i], unit));
        }
    }

    /// <summary>Chooses the tokens of a block without special tokens.</summary>
    /// <param name="wordStarts">Whether a token begins a word.</param>
    /// <param name="probability">The share to be chosen.</param>
    /// <param name="words">Draws a length.</param>
    /// <param name="anchor">Draws a token; asked after each length, also if the token turns out to be taken.</param>
    internal static bool[] Spans(ReadOnlySpan<bool> wordStarts, double probability, Func<int> words, Func<int> anchor)
    {
        bool[] masked = new bool[wordStarts.Length];
        int left = (int)Math.Ceiling(wordStarts.Length * probability);
        while (left > 0)
        {
            int length = words(), position = anchor();
            if (masked[position])
                continue;
            while (position > 0 && !wordStarts[position])
                position--;
            for (int word = -1; position < masked.Length && left > 0; position++)
            {
                word += wordStarts[position] || word < 0 ? 1 : 0;
                if (word == length)
                    break;
                left -= masked[position] ? 0 : 1;
                masked[position] = true;
            }
        }
        return masked;
    }
}
