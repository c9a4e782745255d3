using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Lanes;
using Product = Attune.Tensors.Kernels.Gemm.Gemm;

namespace Attune.Tensors.Kernels;

/// <summary>
/// The steps of an LSTM. Sequences are ordered from the longest to the shortest, so that those still running at a step are the first ones
/// and their states lie together.
/// </summary>
internal sealed unsafe class LstmScan
{
    private readonly Segments _segments;
    private readonly bool _reverse;
    private readonly int[] _order;

    public LstmScan(Segments segments, int size, bool reverse)
    {
        _segments = segments;
        Size = size;
        _reverse = reverse;
        _order = new int[segments.Count];
        for (int s = 0; s < _order.Length; s++)
            _order[s] = s;
        // Equal lengths keep their order: Array.Sort alone would not promise it.
        Array.Sort(_order, (a, b) => segments.Length(a) != segments.Length(b) ? segments.Length(b).CompareTo(segments.Length(a)) : a.CompareTo(b));
    }

    /// <summary>The width of the states.</summary>
    public int Size { get; }

    /// <summary>Floats of scratch that either direction needs: two states and four gates for every sequence.</summary>
    public long WorkCount => 6L * _segments.Count * Size;

    /// <summary>Fills outputs and last states; gates (in: from the inputs; out: activated) and cells are kept for the backward.</summary>
    public void Forward(
        float* gates, float* cells, float* weight, float* firstHidden, float* firstCell, float* y, float* lastHidden, float* lastCell, float* work)
    {
        int count = _segments.Count;
        float* hidden = work;
        float* cell = hidden + (long)count * Size;
        float* recurrent = cell + (long)count * Size;
        CopyOrdered(firstHidden, hidden);
        CopyOrdered(firstCell, cell);
        for (int step = 0; step < _segments.MaxLength; step++)
        {
            int running = Running(step);
            Product.Multiply(
                new MatrixView(hidden, running, Size), new MatrixView(weight, 4 * Size, Size).Transposed, new MatrixView(recurrent, running, 4 * Size));
            RangeKernel.Run(running, RangeKernel.Rows(8 * Size), new StepKernel(this, step, gates, cells, recurrent, hidden, cell, y));
        }
        for (int i = 0; i < count; i++)
        {
            long from = (long)i * Size, to = (long)_order[i] * Size;
            new Span<float>(hidden + from, Size).CopyTo(new Span<float>(lastHidden + to, Size));
            new Span<float>(cell + from, Size).CopyTo(new Span<float>(lastCell + to, Size));
        }
    }

    /// <summary>
    /// Fills the gradients of the gates before activation, the hidden state that each row saw, and the gradients of the first states.
    /// Gradients that did not arrive are null.
    /// </summary>
    public void Backward(
        float* gates, float* cells, float* weight, float* firstHidden, float* firstCell, float* y, float* toOutput, float* toLastHidden, float* toLastCell,
        float* gateGradients, float* previous, float* toFirstHidden, float* toFirstCell, float* work)
    {
        int count = _segments.Count;
        float* hidden = work;
        float* cell = hidden + (long)count * Size;
        float* active = cell + (long)count * Size;
        CopyOrdered(toLastHidden, hidden);
        CopyOrdered(toLastCell, cell);
        for (int step = _segments.MaxLength - 1; step >= 0; step--)
        {
            int running = Running(step);
            RangeKernel.Run(
                running, RangeKernel.Rows(12 * Size),
                new BackKernel(this, step, gates, cells, firstHidden, firstCell, y, toOutput, hidden, cell, active, gateGradients, previous));
            Product.Multiply(
                new MatrixView(active, running, 4 * Size), new MatrixView(weight, 4 * Size, Size), new MatrixView(hidden, running, Size));
        }
        for (int i = 0; i < count; i++)
        {
            long from = (long)i * Size, to = (long)_order[i] * Size;
            new Span<float>(hidden + from, Size).CopyTo(new Span<float>(toFirstHidden + to, Size));
            new Span<float>(cell + from, Size).CopyTo(new Span<float>(toFirstCell + to, Size));
        }
    }

    private int Running(int step)
    {
        int running = 0;
        while (running < _order.Length && _segments.Length(_order[running]) > step)
            running++;
        return running;
    }

    /// <summary>The row that the sequence at <paramref name="place"/> of the order is at.</summary>
    private int Row(int place, int step)
    {
        int segment = _order[place];
        return _reverse ? _segments.Start(segment + 1) - 1 - step : _segments.Start(segment) + step;
    }

    private void CopyOrdered(float* states, float* target)
    {
        for (int i = 0; i < _order.Length; i++)
        {
            var to = new Span<float>(target + (long)i * Size, Size);
            if (states is null)
                to.Clear();
            else
                new Span<float>(states + (long)_order[i] * Size, Size).CopyTo(to);
        }
    }

    private readonly struct StepKernel(
        LstmScan scan, int step, float* gates, float* cells, float* recurrent, float* hidden, float* cell, float* y) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            int size = scan.Size;
            for (int place = (int)start; place < end; place++)
            {
                long row = scan.Row(place, step);
                float* gate = gates + row * 4 * size;
                float* added = recurrent + (long)place * 4 * size;
                for (int i = 0; i < size; i += T.Width)
                {
                    int lanes = Math.Min(T.Width, size - i);
                    T input = LaneMath.Sigmoid(Gate(0)), forget = LaneMath.Sigmoid(Gate(1)), content = LaneMath.Tanh(Gate(2)), output = LaneMath.Sigmoid(Gate(3));
                    long state = (long)place * size + i;
                    T c = T.Fma(forget, T.LoadPartial(cell + state, lanes), input * content);
                    T h = output * LaneMath.Tanh(c);
                    T.StorePartial(gate + i, input, lanes);
                    T.StorePartial(gate + size + i, forget, lanes);
                    T.StorePartial(gate + 2 * size + i, content, lanes);
                    T.StorePartial(gate + 3 * size + i, output, lanes);
                    T.StorePartial(cells + row * size + i, c, lanes);
                    T.StorePartial(cell + state, c, lanes);
                    T.StorePartial(hidden + state, h, lanes);
                    T.StorePartial(y + row * size + i, h, lanes);

                    T Gate(int which) => T.LoadPartial(gate + which * size + i, lanes) + T.LoadPartial(added + which * size + i, lanes);
                }
            }
        }
    }

    private readonly struct BackKernel(
        LstmScan scan, int step, float* gates, float* cells, float* firstHidden, float* firstCell, float* y, float* toOutput, float* hidden, float* cell,
        float* active, float* gateGradients, float* previous) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            int size = scan.Size;
            T one = T.Broadcast(1);
            for (int place = (int)start; place < end; place++)
            {
                long row = scan.Row(place, step);
                float* gate = gates + row * 4 * size;
                float* target = gateGradients + row * 4 * size;
                float* dense = active + (long)place * 4 * size;
                // What came before: the row of the step before, the given first state, or zeros.
                long first = (long)scan._order[place] * size, before = step == 0 ? 0 : scan.Row(place, step - 1) * (long)size;
                float* cellBefore = step > 0 ? cells + before : firstCell is null ? null : firstCell + first;
                float* hiddenBefore = step > 0 ? y + before : firstHidden is null ? null : firstHidden + first;
                for (int i = 0; i < size; i += T.Width)
                {
                    int lanes = Math.Min(T.Width, size - i);
                    long state = (long)place * size + i;
                    T input = T.LoadPartial(gate + i, lanes), forget = T.LoadPartial(gate + size + i, lanes);
                    T content = T.LoadPartial(gate + 2 * size + i, lanes), output = T.LoadPartial(gate + 3 * size + i, lanes);
                    T squashed = LaneMath.Tanh(T.LoadPartial(cells + row * size + i, lanes));
                    T dh = T.LoadPartial(hidden + state, lanes);
                    if (toOutput is not null)
                        dh += T.LoadPartial(toOutput + row * size + i, lanes);
                    T dc = T.Fma(dh * output, one - squashed * squashed, T.LoadPartial(cell + state, lanes));
                    T old = cellBefore is null ? T.Zero : T.LoadPartial(cellBefore + i, lanes);
                    Put(0, dc * content * input * (one - input));
                    Put(1, dc * old * forget * (one - forget));
                    Put(2, dc * input * (one - content * content));
                    Put(3, dh * squashed * output * (one - output));
                    T.StorePartial(cell + state, dc * forget, lanes);
                    T.StorePartial(previous + row * size + i, hiddenBefore is null ? T.Zero : T.LoadPartial(hiddenBefore + i, lanes), lanes);

                    void Put(int which, T value)
                    {
                        T.StorePartial(target + which * size + i, value, lanes);
                        T.StorePartial(dense + which * size + i, value, lanes);
                    }
                }
            }
        }
    }
}
