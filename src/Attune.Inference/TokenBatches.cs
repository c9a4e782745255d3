using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tokenizers;

namespace Attune.Inference;

/// <summary>Merges texts into ragged batches.</summary>
internal static class TokenBatches
{
    /// <summary>Cuts texts, in their order, into batches of at most so many tokens and at least one text.</summary>
    public static List<(int First, int Count)> Cut(ReadOnlySpan<int> lengths, int maxTokens)
    {
        List<(int First, int Count)> batches = [];
        int first = 0;
        long tokens = 0;
        for (int text = 0; text < lengths.Length; text++)
        {
            tokens += lengths[text];
            if (text > first && tokens > maxTokens)
            {
                batches.Add((first, text - first));
                first = text;
                tokens = lengths[text];
            }
        }
        if (first < lengths.Length)
            batches.Add((first, lengths.Length - first));
        return batches;
    }

    /// <summary>Merges some of the texts.</summary>
    public static TokenBatch Of(IReadOnlyList<Encoding> encodings, int first, int count)
    {
        int[] lengths = new int[count];
        for (int i = 0; i < count; i++)
            lengths[i] = encodings[first + i].Length;
        var segments = Segments.FromLengths(lengths);
        int[] ids = new int[segments.Rows], types = new int[segments.Rows];
        for (int i = 0; i < count; i++)
        {
            for (int token = 0, row = segments.Start(i); token < lengths[i]; token++, row++)
            {
                ids[row] = encodings[first + i].Ids[token];
                types[row] = encodings[first + i].TypeIds[token];
            }
        }
        return new TokenBatch { Ids = ids, Segments = segments, TypeIds = types };
    }
}
