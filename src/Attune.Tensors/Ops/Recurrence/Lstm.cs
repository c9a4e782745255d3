using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Kernels.Gemm;

namespace Attune.Tensors.Ops;

/// <summary>The parameters of one direction of one LSTM layer; gates in the order input, forget, cell, output.</summary>
/// <param name="Input"><c>[4 H, width]</c>.</param>
/// <param name="Hidden"><c>[4 H, H]</c>.</param>
/// <param name="InputBias"><c>[4 H]</c>, or null.</param>
/// <param name="HiddenBias"><c>[4 H]</c>, or null; it is simply added to the other.</param>
public readonly record struct LstmWeights(Tensor Input, Tensor Hidden, Tensor? InputBias = null, Tensor? HiddenBias = null);

/// <summary>What an LSTM layer computes.</summary>
/// <param name="Output">The hidden states of all rows, <c>[rows, H]</c>.</param>
/// <param name="Hidden">The last hidden state of each sequence, <c>[segments, H]</c>.</param>
/// <param name="Cell">The last cell state of each sequence, <c>[segments, H]</c>.</param>
public readonly record struct LstmResult(Tensor Output, Tensor Hidden, Tensor Cell);

/// <summary>Long short-term memory.</summary>
public static unsafe class LstmOperation
{
    /// <summary>
    /// One direction of one LSTM layer (Hochreiter and Schmidhuber 1997) over ragged sequences: one product for the inputs of all rows, then
    /// one for each step, in which the sequences that are not over yet take part.
    /// </summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x"><c>[rows, width]</c>.</param>
    /// <param name="weights">The parameters.</param>
    /// <param name="segments">The sequences.</param>
    /// <param name="hidden">The hidden states to begin with, <c>[segments, H]</c>; zeros if absent.</param>
    /// <param name="cell">The cell states to begin with, <c>[segments, H]</c>; zeros if absent.</param>
    /// <param name="reverse">Whether sequences are read from their ends; outputs stay at their rows.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static LstmResult Lstm(
        this Tape tape, Tensor x, LstmWeights weights, Segments segments, Tensor? hidden = null, Tensor? cell = null, bool reverse = false)
    {
        int size = Validate(x, weights, segments, hidden, cell);
        bool required = x.RequiresGradient || weights.Input.RequiresGradient || weights.Hidden.RequiresGradient
            || weights.InputBias is { RequiresGradient: true } || weights.HiddenBias is { RequiresGradient: true }
            || hidden is { RequiresGradient: true } || cell is { RequiresGradient: true };
        var result = new LstmResult(
            tape.Allocate([segments.Rows, size], required), tape.Allocate([segments.Count, size], required), tape.Allocate([segments.Count, size], required));
        if (!tape.Computes((long)segments.Rows * 4 * size * (x.Shape.Width + size)))
            return result;

        // The activated gates and the cell states of all rows are kept for the backward pass.
        float* gates = tape.Arena.Allocate((long)segments.Rows * 4 * size), cells = tape.Arena.Allocate((long)segments.Rows * size);
        var scan = new LstmScan(segments, size, reverse);
        InputGates(x, weights, segments.Rows, size, gates);
        float* work = tape.Arena.Allocate(scan.WorkCount);
        scan.Forward(
            gates, cells, weights.Hidden.Pointer, hidden is null ? null : hidden.Pointer, cell is null ? null : cell.Pointer,
            result.Output.Pointer, result.Hidden.Pointer, result.Cell.Pointer, work);
        tape.Arena.Release(work, scan.WorkCount);
        tape.Record([result.Output, result.Hidden, result.Cell], () => Backward(tape, x, weights, hidden, cell, scan, gates, cells, result));
        return result;
    }

    private static void InputGates(Tensor x, LstmWeights weights, int rows, int size, float* gates)
    {
        bool biased = weights.InputBias is not null || weights.HiddenBias is not null;
        for (int row = 0; biased && row < rows; row++)
        {
            for (int i = 0; i < 4 * size; i++)
            {
                float input = weights.InputBias is { } a ? a.Pointer[i] : 0;
                gates[(long)row * 4 * size + i] = weights.HiddenBias is { } b ? input + b.Pointer[i] : input;
            }
        }
        int width = x.Shape.Width;
        Gemm.Multiply(
            new MatrixView(x.Pointer, rows, width), new MatrixView(weights.Input.Pointer, 4 * size, width).Transposed,
            new MatrixView(gates, rows, 4 * size), accumulate: biased);
    }

    private static void Backward(
        Tape tape, Tensor x, LstmWeights weights, Tensor? hidden, Tensor? cell, LstmScan scan, float* gates, float* cells, LstmResult result)
    {
        int size = scan.Size, rows = x.Shape[0], width = x.Shape.Width, segments = result.Hidden.Shape[0];
        long states = (long)segments * size, all = (long)rows * size;
        float* work = tape.Arena.Allocate(scan.WorkCount), gateGradients = tape.Arena.Allocate(4 * all), previous = tape.Arena.Allocate(all);
        float* toHidden = tape.Arena.Allocate(states), toCell = tape.Arena.Allocate(states);
        scan.Backward(
            gates, cells, weights.Hidden.Pointer, hidden is null ? null : hidden.Pointer, cell is null ? null : cell.Pointer, result.Output.Pointer,
            Arrived(result.Output), Arrived(result.Hidden), Arrived(result.Cell), gateGradients, previous, toHidden, toCell, work);

        var above = new MatrixView(gateGradients, rows, 4 * size);
        if (x.RequiresGradient)
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            Gemm.Multiply(above, new MatrixView(weights.Input.Pointer, 4 * size, width), new MatrixView(target, rows, width), accumulate);
        }
        if (weights.Input.RequiresGradient)
        {
            float* target = weights.Input.Gradient!.Target(out bool accumulate);
            Gemm.Multiply(above.Transposed, new MatrixView(x.Pointer, rows, width), new MatrixView(target, 4 * size, width), accumulate);
        }
        if (weights.Hidden.RequiresGradient)
        {
            float* target = weights.Hidden.Gradient!.Target(out bool accumulate);
            Gemm.Multiply(above.Transposed, new MatrixView(previous, rows, size), new MatrixView(target, 4 * size, size), accumulate);
        }
        SumRows(weights.InputBias, gateGradients, rows, 4 * size);
        SumRows(weights.HiddenBias, gateGradients, rows, 4 * size);
        Add(hidden, toHidden);
        Add(cell, toCell);
        tape.Arena.Release(work, scan.WorkCount);
        tape.Arena.Release(gateGradients, 4 * all);
        tape.Arena.Release(previous, all);
        tape.Arena.Release(toHidden, states);
        tape.Arena.Release(toCell, states);
    }

    private static float* Arrived(Tensor tensor) => tensor.Gradient is { Written: true } gradient ? gradient.Pointer : null;

    private static void SumRows(Tensor? bias, float* gradients, int rows, int width)
    {
        if (bias is not { RequiresGradient: true })
            return;
        float* target = bias.Gradient!.Target(out bool accumulate);
        Reduction.Run(default(SumFold), gradients, 1, rows, width, target, accumulate);
    }

    private static void Add(Tensor? state, float* gradient)
    {
        if (state is not { RequiresGradient: true })
            return;
        float* target = state.Gradient!.Target(out bool accumulate);
        BlockCopy.Run(gradient, state.Count, target, state.Count, 1, state.Count, accumulate);
    }

    private static int Validate(Tensor x, LstmWeights weights, Segments segments, Tensor? hidden, Tensor? cell)
    {
        const string name = nameof(Lstm);
        ShapeRules.Segmented(name, x.Shape, segments);
        ShapeRules.Rank(name, nameof(weights), weights.Hidden.Shape, 2);
        int size = weights.Hidden.Shape[1];
        ShapeRules.Same(name, "its rule", [4 * size, size], "the hidden weight", weights.Hidden.Shape);
        ShapeRules.Same(name, "its rule", [4 * size, x.Shape.Width], "the input weight", weights.Input.Shape);
        ShapeRules.Same(name, "its rule", [4 * size], "the input bias", weights.InputBias?.Shape ?? [4 * size]);
        ShapeRules.Same(name, "its rule", [4 * size], "the hidden bias", weights.HiddenBias?.Shape ?? [4 * size]);
        ShapeRules.Same(name, "its rule", [segments.Count, size], "the first hidden state", hidden?.Shape ?? [segments.Count, size]);
        ShapeRules.Same(name, "its rule", [segments.Count, size], "the first cell state", cell?.Shape ?? [segments.Count, size]);
        return size;
    }
}
