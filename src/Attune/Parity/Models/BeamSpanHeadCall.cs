using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Parity.Comparison;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models;

/// <summary>
/// A head that finds the end of an answer given its start. With positions the reference gives a loss alone; without them the best starts, and
/// the best ends for each, their probabilities and columns.
/// </summary>
internal sealed class BeamSpanHeadCall : IHeadCall
{
    private const float Hidden = -1e30f;

    private readonly BeamSpanHead _head;
    private readonly int[]? _starts;
    private readonly int[]? _ends;
    private readonly int[]? _classes;
    private readonly float[]? _impossible;
    private readonly float[]? _masked;

    public BeamSpanHeadCall(BeamSpanHead head, CaseArguments arguments)
    {
        _head = head;
        (_starts, _ends) = (arguments.Ints("start_positions"), arguments.Ints("end_positions"));
        _classes = arguments.Ints("cls_index");
        _impossible = arguments.Find("is_impossible") is { } impossible ? TokenArguments.Numbers(impossible) : null;
        _masked = arguments.Find("p_mask") is { } masked ? TokenArguments.Numbers(masked) : null;
    }

    // Everything here goes by columns of the padded array.
    public bool ReadsPadding => true;

    public Tensor? Run(Pass pass, BackboneOutput output, PaddedRows rows, CallOutputs outputs)
    {
        Tape tape = pass.Tape;
        Tensor hidden = output.Hidden;
        int length = rows.Length, sequences = rows.Sequences;
        Tensor start = Masked(tape, _head.StartLogits(tape, hidden)).Reshape([sequences, length]);
        int[] whole = [.. Enumerable.Range(0, sequences).Select(s => s * length + (_classes?[s] ?? length - 1))];
        if (_starts is not null && _ends is not null)
        {
            int[] first = [.. Enumerable.Range(0, sequences).Select(s => s * length + _starts[s])];
            Tensor end = Masked(tape, _head.EndLogits(tape, hidden, StartRows(tape, hidden, first, length))).Reshape([sequences, length]);
            Tensor loss = tape.Scale(tape.Add(tape.CrossEntropy(start, _starts), tape.CrossEntropy(end, _ends)), 0.5f);
            if (_classes is null || _impossible is null)
                return loss;
            Tensor answer = _head.AnswerLogits(tape, tape.GatherRows(hidden, first), tape.GatherRows(hidden, whole));
            return tape.Add(loss, tape.Scale(tape.BinaryCrossEntropyWithLogits(answer, Tensor.From([sequences], _impossible)), 0.5f));
        }
        AddBeams(tape, hidden, start, whole, rows, outputs);
        return null;
    }

    private void AddBeams(Tape tape, Tensor hidden, Tensor start, int[] whole, PaddedRows rows, CallOutputs outputs)
    {
        int length = rows.Length, sequences = rows.Sequences;
        Tensor startShares = tape.Softmax(start);
        (float[] starts, int[] startColumns) = Top(startShares.ToArray(), sequences, length, _head.Starts);
        float[] ends = new float[sequences * _head.Ends * _head.Starts];
        int[] endColumns = new int[ends.Length];
        for (int beam = 0; beam < _head.Starts; beam++)
        {
            int[] first = [.. Enumerable.Range(0, sequences).Select(s => s * length + startColumns[s * _head.Starts + beam])];
            Tensor end = Masked(tape, _head.EndLogits(tape, hidden, StartRows(tape, hidden, first, length))).Reshape([sequences, length]);
            (float[] values, int[] columns) = Top(tape.Softmax(end).ToArray(), sequences, length, _head.Ends);
            for (int i = 0; i < values.Length; i++)
            {
                int target = i * _head.Starts + beam;
                (ends[target], endColumns[target]) = (values[i], columns[i]);
            }
        }
        Tensor mixed = tape.MatMul(startShares.Reshape([sequences, 1, length]), hidden.Reshape([sequences, length, hidden.Shape[1]]));
        Tensor answer = _head.AnswerLogits(tape, mixed.Reshape([sequences, hidden.Shape[1]]), tape.GatherRows(hidden, whole));
        outputs.Add("start_top_log_probs", () => new ComparedValues([sequences, _head.Starts], starts));
        outputs.Add("start_top_index", () => new ComparedValues([sequences, _head.Starts], [.. startColumns]));
        outputs.Add("end_top_log_probs", () => new ComparedValues([sequences, _head.Ends * _head.Starts], ends));
        outputs.Add("end_top_index", () => new ComparedValues([sequences, _head.Ends * _head.Starts], [.. endColumns]));
        outputs.Add("cls_logits", answer);
    }

    private static Tensor StartRows(Tape tape, Tensor hidden, int[] first, int length) =>
        tape.GatherRows(hidden, Enumerable.Range(0, first.Length * length).Select(row => first[row / length]).ToArray());

    private Tensor Masked(Tape tape, Tensor scores)
    {
        if (_masked is null)
            return scores;
        Tensor open = Tensor.From(scores.Shape, [.. _masked.Select(m => 1 - m)]), hidden = Tensor.From(scores.Shape, [.. _masked.Select(m => m * Hidden)]);
        return tape.Add(tape.Multiply(scores, open), hidden);
    }

    private static (float[] Values, int[] Columns) Top(float[] values, int sequences, int length, int count)
    {
        int[] columns = [.. Enumerable.Range(0, sequences).SelectMany(s =>
            Enumerable.Range(0, length).OrderByDescending(column => values[s * length + column]).Take(count))];
        return ([.. columns.Select((column, i) => values[i / count * length + column])], columns);
    }
}
