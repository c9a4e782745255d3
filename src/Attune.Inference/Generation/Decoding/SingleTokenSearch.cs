using Attune.Tensors.Random;

namespace Attune.Inference.Generation.Decoding;

/// <summary>Takes one token at a time for each sequence: the likeliest, or one that is drawn.</summary>
internal static class SingleTokenSearch
{
    /// <summary>Continues sequences until all have ended.</summary>
    /// <param name="session">Reads them; at the beginning it has one sequence for each prompt.</param>
    /// <param name="prompts">What the session reads first.</param>
    /// <param name="sequences">The sequences, as many for each prompt, side by side.</param>
    /// <param name="draws">The randomness of each sequence; null takes the likeliest token.</param>
    /// <param name="scores">Gets the number of a sequence and its scores after all processors, at each step; null if nobody looks.</param>
    /// <param name="cancellation">Looked at before each step.</param>
    /// <returns>The number of a sequence and its next token.</returns>
    public static IEnumerable<(int Sequence, int Id)> Run(
        DecodingSession session, IReadOnlyList<int[]> prompts, IReadOnlyList<OpenSequence> sequences, RandomStream? draws,
        ScoresObserver? scores, CancellationToken cancellation)
    {
        OpenTexts open = new(session, prompts, sequences.Count);
        while (open.Read(cancellation))
        {
            for (int i = 0; i < open.Count; i++)
            {
                int number = open.Number(i);
                int id = Next(open.Scores(i), number, sequences[number], draws, scores);
                if (!sequences[number].Add(id))
                    open.GoOn(i, (0, id));
                yield return (number, id);
            }
        }
    }

    private static int Next(Span<float> own, int number, OpenSequence sequence, RandomStream? draws, ScoresObserver? scores)
    {
        sequence.Process(own);
        scores?.Invoke(number, own);
        return draws is { } random ? Distribution.Draw(own, Uniform(random, number, sequence.Count)) : TopValues.Of(own, 1)[0].Index;
    }

    // The first sequence draws from the stream itself, so that asking for more changes nothing in it.
    private static float Uniform(RandomStream random, int sequence, int step) =>
        (sequence == 0 ? random : random.Stream((uint)sequence)).Uniform(step);
}
