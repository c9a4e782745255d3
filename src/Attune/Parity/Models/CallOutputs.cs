using Attune.Nn.Contracts;
using Attune.Parity.Comparison;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models;

/// <summary>What a call gives.</summary>
internal sealed class CallOutputs
{
    private readonly List<(string Name, Func<ComparedValues> Values)> _named = [];

    /// <summary>The loss; null if the arguments have no labels.</summary>
    public Tensor? Loss { get; private set; }

    /// <summary>The loss of a case that trains.</summary>
    /// <exception cref="InvalidOperationException">The arguments have no labels.</exception>
    public Tensor RequiredLoss => Loss ?? throw new InvalidOperationException("The case has gradients, but its arguments give the model no loss.");

    /// <summary>Sets the loss, which is an output as well.</summary>
    public void SetLoss(Tensor loss)
    {
        Loss = loss;
        Add("loss", () => new ComparedValues([], [loss.Item]));
    }

    /// <summary>Adds the outputs of one of several calls under names that begin with a prefix; the loss of all remains to be set.</summary>
    public void AddPart(string prefix, CallOutputs part)
    {
        foreach ((string name, Func<ComparedValues> values) in part._named)
            Add(prefix + name, values);
    }

    /// <summary>Adds an output; it is brought into the reference's layout only if the case compares it.</summary>
    public void Add(string name, Func<ComparedValues> values) => _named.Add((name, values));

    /// <summary>Adds an output that has the reference's layout already.</summary>
    public void Add(string name, Tensor value) => Add(name, () => new ComparedValues(value.Shape.ToArray(), value.ToArray()));

    /// <summary>Adds hidden states and attentions.</summary>
    /// <param name="trace">What a pass left; null if nobody looked.</param>
    /// <param name="prefix">What the reference puts in front of the names.</param>
    /// <param name="rows">Where the rows are.</param>
    public void AddTrace(Trace? trace, string prefix, PaddedRows rows)
    {
        for (int i = 0; i < trace?.HiddenStates.Count; i++)
        {
            Tensor state = trace.HiddenStates[i];
            Add($"{prefix}hidden_states.{i}", () => rows.Pad(state));
        }
        for (int i = 0; i < trace?.Attentions.Count; i++)
        {
            AttentionMaps attention = trace.Attentions[i];
            Add($"{prefix}attentions.{i}", () => rows.PadAttention(attention, rows));
        }
    }

    /// <summary>Adds the input of a stack and what each of its blocks gives, before any final norm.</summary>
    public void AddStates(Trace trace, string prefix, Func<Tensor, ComparedValues> layout)
    {
        for (int i = 0; i < trace.HiddenStates.Count; i++)
        {
            Tensor state = i == trace.HiddenStates.Count - 1 ? trace.BeforeFinalNorm ?? trace.HiddenStates[i] : trace.HiddenStates[i];
            Add($"{prefix}{i}", () => layout(state));
        }
    }

    /// <summary>Calls the heads; the loss is the sum of theirs and of what the backbone adds.</summary>
    public void AddHeads(IReadOnlyList<IHeadCall> heads, Pass pass, BackboneOutput output, PaddedRows rows)
    {
        Tensor? loss = output.AllAuxiliaryLoss(pass.Tape);
        foreach (IHeadCall head in heads)
        {
            if (head.Run(pass, output, rows, this) is { } part)
                loss = loss is null ? part : pass.Tape.Add(loss, part);
        }
        if (loss is not null)
            SetLoss(loss);
    }

    /// <summary>All outputs under the reference's names.</summary>
    public IEnumerable<(string Name, ComparedValues Values)> Named() => _named.Select(named => (named.Name, named.Values()));
}
