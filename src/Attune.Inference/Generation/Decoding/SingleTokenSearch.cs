using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Inference.Generation.Decoding;

/// <summary>Takes one token at a time for each sequence: the likeliest, or one that is drawn.</summary>
internal static class SingleTokenSearch
{
    /// <summary>Continues sequences until all have ended.</summary>
    /// <param name="session">Reads them; at the beginning it has one sequence for every <paramref name="copies"/> of these.</param>
    /// <param name="prompts">What the session reads first.</param>
    /// <param name="sequences">The sequences.</param>
    /// <param name="copies">How many sequences continue each prompt.</param>
    /// <param name="draws">The randomness of each sequence; null takes the likeliest token.</param>
    /// <param name="scores">Gets the number of a sequence and its scores after all processors, at each step; null if nobody looks.</param>
    /// <param name="cancellation">Looked at before each step.</param>
    /// <returns>The number of a sequence and its next token.</returns>
    public static IEnumerable<(int Sequence, int Id)> Run(
        DecodingSession session, IReadOnlyList<int[]> prompts, IReadOnlyList<OpenSequence> sequences, int copies, RandomStream? draws,
        ScoresObserver? scores, CancellationToken cancellation)
    {
        // Sequence i of the session is number open[i] of all.
        int[] open = [.. Enumerable.Range(0, sequences.Count)];
        IReadOnlyList<int[]> unread = prompts;
        // The first scores are shared by the copies of a prompt.
        int sharing = copies;
        while (open.Length > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor logits = session.Read(unread);
            List<int> places = [], going = [];
            List<int[]> next = [];
            for (int i = 0; i < open.Length; i++)
            {
                OpenSequence sequence = sequences[open[i]];
                int id = Next(logits, i / sharing, isShared: sharing > 1, open[i], sequence, draws, scores);
                if (!sequence.Add(id))
                {
                    places.Add(i / sharing);
                    going.Add(open[i]);
                    next.Add([id]);
                }
                yield return (open[i], id);
            }
            if (going.Count < open.Length || sharing > 1)
                session.Select(places.ToArray());
            (open, unread, sharing) = ([.. going], next, 1);
        }
    }

    private static int Next(
        Tensor logits, int row, bool isShared, int number, OpenSequence sequence, RandomStream? draws, ScoresObserver? scores)
    {
        int width = logits.Shape.Width;
        Span<float> own = logits.Span.Slice(row * width, width);
        if (isShared)
            own = own.ToArray();
        sequence.Process(own);
        scores?.Invoke(number, own);
        return draws is { } random ? Distribution.Draw(own, Uniform(random, number, sequence.Count)) : TopValues.Of(own, 1)[0].Index;
    }

    // The first sequence draws from the stream itself, so that asking for more changes nothing in it.
    private static float Uniform(RandomStream random, int sequence, int step) =>
        (sequence == 0 ? random : random.Stream((uint)sequence)).Uniform(step);
}
