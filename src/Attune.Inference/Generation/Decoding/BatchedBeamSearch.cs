using Attune.Tensors.Random;

namespace Attune.Inference.Generation.Decoding;

/// <summary>Searches for several texts at once: their beams are read together, and texts that are done make room.</summary>
internal static class BatchedBeamSearch
{
    /// <summary>Runs searches until all are done.</summary>
    /// <param name="session">Reads the beams; at the beginning it has a sequence for each text.</param>
    /// <param name="prompts">What the session reads first.</param>
    /// <param name="searches">A search for each text.</param>
    /// <param name="beams">The beams of each.</param>
    /// <param name="draws">The randomness; null takes the likeliest continuations.</param>
    /// <param name="cancellation">Looked at before each step.</param>
    public static void Run(
        DecodingSession session, IReadOnlyList<int[]> prompts, IReadOnlyList<BeamSearch> searches, int beams, RandomStream? draws,
        CancellationToken cancellation)
    {
        OpenTexts open = new(session, prompts, searches.Count, beams);
        while (open.Read(cancellation))
        {
            for (int i = 0; i < open.Count; i++)
            {
                int number = open.Number(i);
                (int Beam, int Id)[] followed = searches[number].Step(open.Scores(i), draws?.Stream((uint)number));
                if (!searches[number].IsDone)
                    open.GoOn(i, followed);
            }
        }
    }
}
