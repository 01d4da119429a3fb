const BASE_CLASS_DISPLAY = 0x03;
/** A device of before PCI 2.0 that is VGA compatible. */
const CLASS_NOT_DEFINED_VGA = 0x0001;

/** True for a class code (24 bits) of a display controller: base class 03, or VGA of before PCI 2.0 (0001). */
export function isDisplayClass(classCode: number): boolean {
  return classCode >>> 16 === BASE_CLASS_DISPLAY || classCode >>> 8 === CLASS_NOT_DEFINED_VGA;
}
