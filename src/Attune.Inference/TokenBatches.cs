using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tokenizers;

namespace Attune.Inference;

/// <summary>Merges texts into ragged batches.</summary>
internal static class TokenBatches
{
    /// <summary>How many texts, from the first on, make a batch of at most so many tokens: at least one.</summary>
    public static int Count(int available, Func<int, int> length, int maxTokens)
    {
        int count = 1;
        for (int tokens = length(0); count < available; count++)
        {
            tokens += length(count);
            if (tokens > maxTokens)
                break;
        }
        return count;
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
