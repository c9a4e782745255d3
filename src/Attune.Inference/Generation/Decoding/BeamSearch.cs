using Attune.Tensors.Random;

namespace Attune.Inference.Generation.Decoding;

/// <summary>
/// The beams of one text: the best unfinished sequences, of which the likeliest continuations are followed, and the best finished ones. A sequence's
/// score is the sum of its tokens' log-probabilities, divided by a power of its length without the prompt (Wu et al. 2016, arXiv:1609.08144, in the
/// simpler form that is in use).
/// </summary>
internal sealed class BeamSearch
{
    // Far below any score, so that what carries it is chosen only where there is nothing else.
    private const float Hopeless = -1e9f;

    private readonly GenerationOptions _options;
    private readonly SequenceRules _rules;
    private (OpenSequence Sequence, float Score)[] _running;
    private (OpenSequence Sequence, float Score, bool Finished)[] _best;
    private bool _canImprove = true;
    private int _length;

    /// <summary>Begins a search.</summary>
    /// <param name="options">How many beams, and when it ends.</param>
    /// <param name="empty">The sequence that all begin as.</param>
    public BeamSearch(GenerationOptions options, OpenSequence empty)
    {
        (_options, _rules) = (options, empty.Rules);
        // All beams begin alike: only the first one counts, or they would stay alike.
        _running = [.. Enumerable.Range(0, options.Beams).Select(beam => (empty, beam == 0 ? 0 : Hopeless))];
        _best = [.. _running.Select(_ => (empty, Hopeless, false))];
    }

    /// <summary>Whether nothing more can be found.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The best sequences, the best first, and their scores.</summary>
    public IReadOnlyList<GeneratedSequence> Results =>
        [.. _best.Take(_options.Returns).Select(found => new GeneratedSequence(found.Sequence.Written.ToArray(), found.Score))];

    /// <summary>Follows the likeliest continuations.</summary>
    /// <param name="logits">The scores of each beam's next token, <c>[beams, vocabulary]</c>; they are changed.</param>
    /// <param name="draws">Where continuations are drawn from; null takes the likeliest.</param>
    /// <returns>The beams that go on, each with its next token.</returns>
    public (int Beam, int Id)[] Step(Span<float> logits, RandomStream? draws)
    {
        int beams = _running.Length, vocabulary = logits.Length / beams;
        for (int beam = 0; beam < beams; beam++)
        {
            Span<float> own = logits.Slice(beam * vocabulary, vocabulary);
            Distribution.ToLogarithms(own);
            _running[beam].Sequence.Process(own);
            foreach (ref float score in own)
                score += _running[beam].Score;
        }
        // If all the beams' best continuations end, as many others are left to go on.
        int kept = Math.Min(logits.Length, Math.Max(2, 1 + _rules.EndIds.Count) * beams);
        int[] chosen = draws is { } random ? Distribution.DrawSeveral(logits, kept, random.At(_length)) : [.. TopValues.Of(logits, kept).Select(top => top.Index)];
        var candidates = new (OpenSequence Sequence, float Score, bool Ends)[kept];
        for (int i = 0; i < kept; i++)
        {
            OpenSequence sequence = _running[chosen[i] / vocabulary].Sequence.With(chosen[i] % vocabulary, out bool ends);
            candidates[i] = (sequence, logits[chosen[i]], ends);
        }
        int[] going = Best(candidates.Length, beams, i => candidates[i].Score + (candidates[i].Ends ? Hopeless : 0));
        _running = [.. going.Select(i => (candidates[i].Sequence, candidates[i].Score + (candidates[i].Ends ? Hopeless : 0)))];
        _length++;
        Finish(candidates);
        LookAhead();
        IsDone = !_canImprove || _options.EarlyStopping == EarlyStopping.WhenFull && _best.All(found => found.Finished)
            || candidates.All(candidate => candidate.Ends);
        return [.. going.Select(i => (chosen[i] / vocabulary, chosen[i] % vocabulary))];
    }

    // Of the candidates that end, those count that are among the best beams.
    private void Finish((OpenSequence Sequence, float Score, bool Ends)[] candidates)
    {
        (OpenSequence Sequence, float Score, bool Finished)[] all = [.. _best, .. candidates.Select((candidate, i) =>
        {
            bool finished = candidate.Ends && i < _best.Length;
            return (candidate.Sequence, Penalised(candidate.Score, _length) + (finished ? 0 : Hopeless), finished);
        })];
        _best = [.. Best(all.Length, _best.Length, i => all[i].Score).Select(i => all[i])];
    }

    // Whether the best beam could still come before the worst finished sequence, as far as one can tell.
    private void LookAhead()
    {
        int length = _options is { EarlyStopping: EarlyStopping.Never, LengthPenalty: > 0 } ? _rules.MaxNewTokens : _length;
        float possible = Penalised(_running[0].Score, length), worst = _best.Min(found => found.Score);
        _canImprove &= _best.Any(found => possible > (found.Finished ? worst : Hopeless));
    }

    private float Penalised(float score, int length) => score / (float)Math.Pow(length, _options.LengthPenalty);

    // The places of the largest keys, the largest first; of equal ones the earlier comes first.
    private static int[] Best(int count, int wanted, Func<int, float> key) =>
        [.. Enumerable.Range(0, count).OrderByDescending(key).Take(wanted)];
}
