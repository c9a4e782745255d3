using Attune.Tensors;
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
        int[] open = [.. Enumerable.Range(0, searches.Count)];
        IReadOnlyList<int[]> unread = prompts;
        int sharing = beams;
        while (open.Length > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor logits = session.Read(unread);
            List<int> places = [], going = [];
            List<int[]> next = [];
            for (int i = 0; i < open.Length; i++)
            {
                BeamSearch search = searches[open[i]];
                (int Beam, int Id)[] followed = search.Step(OfText(logits, i, beams, isShared: sharing > 1), draws?.Stream((uint)open[i]));
                if (search.IsDone)
                    continue;
                going.Add(open[i]);
                foreach ((int beam, int id) in followed)
                {
                    places.Add((i * beams + beam) / sharing);
                    next.Add([id]);
                }
            }
            session.Select(places.ToArray());
            (open, unread, sharing) = ([.. going], next, 1);
        }
    }

    // The scores of a text's beams; at the first step they share those of the prompt.
    private static Span<float> OfText(Tensor logits, int text, int beams, bool isShared)
    {
        int width = logits.Shape.Width;
        if (!isShared)
            return logits.Span.Slice(text * beams * width, beams * width);
        Span<float> own = new float[beams * width];
        for (int beam = 0; beam < beams; beam++)
            logits.Span.Slice(text * width, width).CopyTo(own[(beam * width)..]);
        return own;
    }
}
