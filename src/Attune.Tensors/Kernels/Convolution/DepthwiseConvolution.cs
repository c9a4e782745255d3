using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;

namespace Attune.Tensors.Kernels;

/// <summary>
/// Convolution of every channel of <c>[rows, channels]</c> with its own taps, within segments. Work is cut into tiles of
/// <see cref="TileRows"/> rows by some blocks of <see cref="Block"/> channels. A tile's inputs are first copied to scratch, block by block, with
/// zeros for what lies outside of the segment: rows a power of two apart would otherwise fall into the same few sets of the first cache, no
/// tap needs a border test, and memory is read (and asked for what will be written) in long runs rather than in columns.
/// </summary>
internal static unsafe class DepthwiseConvolution
{
    private const int Block = 32;
    private const int TileRows = 128;

    // Blocks of a tile: a row of them is a kilobyte, long enough for the CPU to see that it is read in order.
    private const int TileBlocks = 8;

    // Outputs (or taps) whose sums stay in registers while one tap (or one row) is loaded: enough to hide the latency of a multiply-add.
    private const int Group = 8;

    /// <summary>Fills y, or adds to it.</summary>
    /// <param name="x"><c>[rows, channels]</c>.</param>
    /// <param name="kernel"><c>[heads, taps]</c>.</param>
    /// <param name="heads">Kernels; each serves channels / heads neighbouring channels.</param>
    /// <param name="bias">One number a channel, or null.</param>
    /// <param name="segments">The sequences.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="window">Where the taps are.</param>
    /// <param name="mirrored">Whether the taps are used last to first.</param>
    /// <param name="y"><c>[rows, channels]</c>.</param>
    /// <param name="accumulate">Whether to add.</param>
    public static void Forward(
        float* x, float* kernel, int heads, float* bias, Segments segments, int channels, ConvolutionWindow window, bool mirrored, float* y, bool accumulate)
    {
        int blocks = (channels + Block - 1) / Block;
        float* taps = ThreadScratch.Shared((long)blocks * window.Taps * Block);
        Spread(kernel, heads, channels, window.Taps, mirrored, taps);
        long tiles = (segments.Rows + TileRows - 1) / TileRows;
        long groups = (blocks + TileBlocks - 1) / TileBlocks;
        RangeKernel.Run(tiles * groups, 1, new ForwardKernel(x, taps, bias, segments, channels, groups, window, y, accumulate));
    }

    /// <summary>Fills (or adds to) the gradient of the kernel: the sum over rows and over the channels of a head of dy * x.</summary>
    public static void KernelGradient(
        float* x, float* gradient, Segments segments, int channels, ConvolutionWindow window, float* target, int heads, bool accumulate)
    {
        int blocks = (channels + Block - 1) / Block;
        float* sums = ThreadScratch.Shared((long)blocks * window.Taps * Block);
        RangeKernel.Run(blocks, 1, new GradientKernel(x, gradient, segments, channels, window, sums));
        Gather(sums, target, heads, channels, window.Taps, accumulate);
    }

    /// <summary>Lays taps out as [block of channels, tap, channel], so that one load has a tap of neighbouring channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(float* kernel, int heads, int channels, int taps, bool mirrored, float* target)
    {
        int share = channels / heads;
        for (int channel = 0; channel < channels; channel++)
        {
            float* from = kernel + (long)(channel / share) * taps;
            float* to = target + (long)(channel / Block) * taps * Block + channel % Block;
            for (int tap = 0; tap < taps; tap++)
                to[tap * Block] = from[mirrored ? taps - 1 - tap : tap];
        }
        for (int channel = channels; channel % Block != 0; channel++)
        {
            float* to = target + (long)(channel / Block) * taps * Block + channel % Block;
            for (int tap = 0; tap < taps; tap++)
                to[tap * Block] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(float* sums, float* target, int heads, int channels, int taps, bool accumulate)
    {
        int share = channels / heads;
        for (int head = 0; head < heads; head++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                float sum = 0;
                for (int channel = head * share; channel < (head + 1) * share; channel++)
                    sum += sums[((long)(channel / Block) * taps + tap) * Block + channel % Block];
                float* to = target + (long)head * taps + tap;
                *to = accumulate ? *to + sum : sum;
            }
        }
    }

    /// <summary>
    /// Copies <paramref name="rows"/> rows of <paramref name="columns"/> channels from <paramref name="first"/> on, which may lie outside of the
    /// segment, to <c>[block of channels, row, channel]</c>. Where <paramref name="soon"/> is not null, the rows of the run will be written there.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack<T>(float* x, int channels, int column, int columns, in SegmentRun run, int first, int rows, float* target, float* soon)
        where T : struct, ILanes<T>
    {
        for (int row = first; row < first + rows; row++, target += Block)
        {
            bool inside = row >= run.SegmentStart && row < run.SegmentEnd;
            bool written = soon is not null && row >= run.Start && row < run.Start + run.Count;
            float* from = x + (long)row * channels + column;
            for (int lane = 0; lane < columns; lane += T.Width)
            {
                // All registers of a block are filled, also beyond the last channel.
                float* to = target + (long)(lane / Block) * rows * Block + lane % Block;
                T.Store(to, !inside ? T.Zero : columns - lane >= T.Width ? T.Load(from + lane) : T.LoadPartial(from + lane, columns - lane));
                if (written)
                    Prefetch.Near(soon + (long)row * channels + column + lane);
            }
            for (int lane = (columns + T.Width - 1) / T.Width * T.Width; lane % Block != 0; lane += T.Width)
                T.Store(target + (long)(lane / Block) * rows * Block + lane % Block, T.Zero);
        }
    }

    private static int RoundUp(int count) => (count + Group - 1) / Group * Group;

    private readonly struct ForwardKernel(
        float* x, float* taps, float* bias, Segments segments, int channels, long groups, ConvolutionWindow window, float* y, bool accumulate) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            float* packed = ThreadScratch.Own((long)(TileRows + window.Span) * Block * TileBlocks);
            for (long item = start; item < end; item++)
            {
                int tile = (int)(item / groups), first = (int)(item - tile * groups) * TileBlocks * Block;
                int last = Math.Min(first + TileBlocks * Block, channels);
                var runs = new SegmentRuns(segments, tile * TileRows, Math.Min((tile + 1) * TileRows, segments.Rows));
                while (runs.MoveNext())
                {
                    SegmentRun run = runs.Current;
                    int rows = RoundUp(run.Count) + window.Span;
                    Pack<T>(x, channels, first, last - first, run, run.Start - window.Before, rows, packed, y);
                    for (int column = first; column < last; column += Block)
                        Convolve<T>(packed + (long)(column - first) * rows, taps + (long)column * window.Taps, run, column, Math.Min(Block, last - column));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Convolve<T>(float* packed, float* kernel, in SegmentRun run, int column, int columns)
            where T : struct, ILanes<T>
        {
            int count = window.Taps, step = window.Dilation * Block, stride = channels;
            bool add = accumulate;
            for (int lane = 0; lane < columns; lane += T.Width)
            {
                int lanes = Math.Min(T.Width, columns - lane);
                T first = bias is null ? T.Zero : T.LoadPartial(bias + column + lane, lanes);
                for (int row = 0; row < run.Count; row += Group)
                {
                    float* from = packed + row * Block + lane;
                    float* weight = kernel + lane;
                    T s0 = first, s1 = first, s2 = first, s3 = first, s4 = first, s5 = first, s6 = first, s7 = first;
                    for (int tap = 0; tap < count; tap++, from += step, weight += Block)
                    {
                        T w = T.Load(weight);
                        s0 = T.Fma(w, T.Load(from), s0);
                        s1 = T.Fma(w, T.Load(from + Block), s1);
                        s2 = T.Fma(w, T.Load(from + 2 * Block), s2);
                        s3 = T.Fma(w, T.Load(from + 3 * Block), s3);
                        s4 = T.Fma(w, T.Load(from + 4 * Block), s4);
                        s5 = T.Fma(w, T.Load(from + 5 * Block), s5);
                        s6 = T.Fma(w, T.Load(from + 6 * Block), s6);
                        s7 = T.Fma(w, T.Load(from + 7 * Block), s7);
                    }
                    float* to = y + (long)(run.Start + row) * stride + column + lane;
                    int rows = Math.Min(Group, run.Count - row);
                    Put(to, s0, lanes, add);
                    if (rows > 1)
                        Put(to + stride, s1, lanes, add);
                    if (rows > 2)
                        Put(to + 2 * stride, s2, lanes, add);
                    if (rows > 3)
                        Put(to + 3 * stride, s3, lanes, add);
                    if (rows > 4)
                        Put(to + 4 * stride, s4, lanes, add);
                    if (rows > 5)
                        Put(to + 5 * stride, s5, lanes, add);
                    if (rows > 6)
                        Put(to + 6 * stride, s6, lanes, add);
                    if (rows > 7)
                        Put(to + 7 * stride, s7, lanes, add);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Put<T>(float* to, T value, int lanes, bool add)
            where T : struct, ILanes<T>
        {
            if (lanes == T.Width)
                T.Store(to, add ? T.Load(to) + value : value);
            else
                T.StorePartial(to, add ? T.LoadPartial(to, lanes) + value : value, lanes);
        }
    }

    /// <summary>Sums dy * x for every tap of a block of channels. One item walks all rows, so the order of the sum is fixed.</summary>
    private readonly struct GradientKernel(float* x, float* gradient, Segments segments, int channels, ConvolutionWindow window, float* sums) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            int packedRows = TileRows + window.Span + Group * window.Dilation;
            float* packed = ThreadScratch.Own((long)(packedRows + TileRows) * Block);
            float* above = packed + (long)packedRows * Block;
            for (long block = start; block < end; block++)
            {
                int column = (int)block * Block, columns = Math.Min(Block, channels - column);
                float* target = sums + block * window.Taps * Block;
                new Span<float>(target, window.Taps * Block).Clear();
                for (int tile = 0; tile < segments.Rows; tile += TileRows)
                {
                    var runs = new SegmentRuns(segments, tile, Math.Min(tile + TileRows, segments.Rows));
                    while (runs.MoveNext())
                    {
                        SegmentRun run = runs.Current;
                        int rows = run.Count + window.Span + (RoundUp(window.Taps) - window.Taps) * window.Dilation;
                        Pack<T>(x, channels, column, columns, run, run.Start - window.Before, rows, packed, null);
                        Pack<T>(gradient, channels, column, columns, run, run.Start, run.Count, above, null);
                        Correlate<T>(packed, above, run.Count, target);
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Correlate<T>(float* packed, float* above, int rows, float* target)
            where T : struct, ILanes<T>
        {
            int count = window.Taps, step = window.Dilation * Block;
            for (int lane = 0; lane < Block; lane += T.Width)
            {
                for (int tap = 0; tap < count; tap += Group)
                {
                    float* from = packed + tap * step + lane;
                    float* dy = above + lane;
                    T s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero, s4 = T.Zero, s5 = T.Zero, s6 = T.Zero, s7 = T.Zero;
                    for (int row = 0; row < rows; row++, from += Block, dy += Block)
                    {
                        T g = T.Load(dy);
                        s0 = T.Fma(g, T.Load(from), s0);
                        s1 = T.Fma(g, T.Load(from + step), s1);
                        s2 = T.Fma(g, T.Load(from + 2 * step), s2);
                        s3 = T.Fma(g, T.Load(from + 3 * step), s3);
                        s4 = T.Fma(g, T.Load(from + 4 * step), s4);
                        s5 = T.Fma(g, T.Load(from + 5 * step), s5);
                        s6 = T.Fma(g, T.Load(from + 6 * step), s6);
                        s7 = T.Fma(g, T.Load(from + 7 * step), s7);
                    }
                    float* to = target + tap * Block + lane;
                    int taps = Math.Min(Group, count - tap);
                    T.Store(to, T.Load(to) + s0);
                    if (taps > 1)
                        T.Store(to + Block, T.Load(to + Block) + s1);
                    if (taps > 2)
                        T.Store(to + 2 * Block, T.Load(to + 2 * Block) + s2);
                    if (taps > 3)
                        T.Store(to + 3 * Block, T.Load(to + 3 * Block) + s3);
                    if (taps > 4)
                        T.Store(to + 4 * Block, T.Load(to + 4 * Block) + s4);
                    if (taps > 5)
                        T.Store(to + 5 * Block, T.Load(to + 5 * Block) + s5);
                    if (taps > 6)
                        T.Store(to + 6 * Block, T.Load(to + 6 * Block) + s6);
                    if (taps > 7)
                        T.Store(to + 7 * Block, T.Load(to + 7 * Block) + s7);
                }
            }
        }
    }
}
