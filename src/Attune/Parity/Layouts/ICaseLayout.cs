namespace Attune.Parity.Layouts;

/// <summary>
/// One layout of golden cases: recognises it by its files and runs it. To add one, write its file and name it in
/// <see cref="CaseLayouts"/>.
/// </summary>
internal interface ICaseLayout
{
    /// <summary>Whether a folder is of this layout.</summary>
    bool Recognises(CaseFolder folder);

    /// <summary>The cases of a folder, each run when it is called. Running one never throws.</summary>
    IEnumerable<Func<ParityResult>> Cases(CaseFolder folder);
}
