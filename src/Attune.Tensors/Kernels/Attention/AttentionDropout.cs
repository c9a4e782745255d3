using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Dropout;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Attention;

/// <summary>Dropout of attention weights, as a function of query row in the whole batch, head and key.</summary>
internal unsafe struct AttentionDropout
{
    /// <summary>More keys than this would share random numbers with the next head; numbers of a pair are this far apart.</summary>
    public const long MostKeys = 1L << 24;

    public DropoutMask Mask;

    /// <summary>The number of the first query row in the whole batch.</summary>
    public long FirstRow;

    /// <summary>The multipliers of some keys of one query and head, in <paramref name="buffer"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float* Fill<T>(float* buffer, long queryRow, int heads, int head, int key, int keys)
        where T : struct, ILanes<T> =>
        Mask.Fill<T>(buffer, ((FirstRow + queryRow) * heads + head) * MostKeys + key, keys);
}
