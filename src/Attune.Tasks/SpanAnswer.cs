namespace Attune.Tasks;

/// <summary>A span of tokens that may answer a question.</summary>
/// <param name="Start">Its first token, a position in the example.</param>
/// <param name="End">Its last token.</param>
/// <param name="Score">The sum of the scores of both ends.</param>
public readonly record struct SpanAnswer(int Start, int End, float Score);

/// <summary>What a model answers within one sequence.</summary>
/// <param name="Spans">The best spans, the best first.</param>
/// <param name="NoAnswerScore">The score of "there is no answer here": that of the first token as both ends.</param>
public sealed record SpanAnswers(IReadOnlyList<SpanAnswer> Spans, float NoAnswerScore)
{
    /// <summary>The best spans among those that begin and end at allowed tokens.</summary>
    /// <param name="start">The score of each token as the first.</param>
    /// <param name="end">The score of each token as the last.</param>
    /// <param name="allowed">Whether a token may be part of an answer; one for each token.</param>
    /// <param name="maxLength">The most tokens of an answer.</param>
    /// <param name="count">The most spans returned.</param>
    public static SpanAnswers Read(ReadOnlySpan<float> start, ReadOnlySpan<float> end, ReadOnlySpan<bool> allowed, int maxLength, int count)
    {
        List<SpanAnswer> best = [];
        for (int first = 0; first < start.Length; first++)
        {
            for (int last = first; last < end.Length && last - first < maxLength && allowed[last] && allowed[first]; last++)
            {
                var span = new SpanAnswer(first, last, start[first] + end[last]);
                if (best.Count == count && span.Score <= best[^1].Score)
                    continue;
                int place = best.FindIndex(other => other.Score < span.Score);
                best.Insert(place < 0 ? best.Count : place, span);
                if (best.Count > count)
                    best.RemoveAt(count);
            }
        }
        return new SpanAnswers(best, start[0] + end[0]);
    }
}
