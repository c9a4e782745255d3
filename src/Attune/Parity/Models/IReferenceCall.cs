using Attune.Formats;
using Attune.Nn.Contracts;

namespace Attune.Parity.Models;

/// <summary>
/// How the reference's keyword arguments become a call of one of Attune's kinds of models, and its results the fields that the
/// reference returns. One file for each kind of model; named in <see cref="ReferenceCalls"/>.
/// </summary>
internal interface IReferenceCall
{
    /// <summary>Whether this is how such a model is called.</summary>
    bool Serves(GoldenModel golden, Model model);

    /// <summary>Reads the arguments of a case.</summary>
    /// <exception cref="AttuneFormatException">An argument is missing or of another type than it should be.</exception>
    IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments);
}

/// <summary>A call that can be made again and again: the weights may have changed in between.</summary>
internal interface IPreparedCall
{
    /// <summary>Makes the call.</summary>
    CallOutputs Run(Pass pass);
}
